"""``musegen train``: from a folder of MIDI files to a model that the window can use."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from tqdm import tqdm

from musegen_app.errors import FileError, TrainingError
from musegen_app.files.midi_reader import read_midi
from musegen_app.generate.benchmark import measure
from musegen_app.generate.comparison import compare, means, passage_of
from musegen_app.generate.evaluation import evaluate
from musegen_app.generate.manifest import DataSource, Manifest, Metrics
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Score
from musegen_app.training.baseline import unigram_nats
from musegen_app.training.batches import held_out_windows
from musegen_app.training.card import write_card
from musegen_app.training.export import FAMILY, Check, export
from musegen_app.training.fit import Budget, Fit, Recipe
from musegen_app.training.models.note_events import Size
from musegen_app.training.prepare import Library, Source, prepare, sources

Numbers = dict[str, float | dict[str, float]]

_MINUTES: Final = 60.0
_HIDDEN, _LAYERS = 256, 2
_CHECK_PIECES, _CHECK_NOTES = 12, 96
_CONTINUED, _CONTINUED_BARS = 200, 8
WORK_FOLDER: Final = "training"
"""Folder within the model's where training keeps its checkpoint."""


def run(args: argparse.Namespace) -> int:
    """Train as the command line says, and write the model. Returns the exit code.

    ``args`` has ``folder`` and ``output`` (paths) and may have ``family``, ``minutes``, ``epochs``, ``resume``, ``hidden``,
    ``layers``, ``leave_out`` (names of sets), ``licence`` and ``title``.

    Raises:
        TrainingError: the folder cannot be learnt from, the checkpoint does not fit, or the export failed.
        ModelError: the model's folder cannot be written.
    """
    return _FAMILIES[getattr(args, "family", FAMILY) or FAMILY](args)


def _train_note_events(args: argparse.Namespace) -> int:
    output = Path(args.output)
    found = sources(Path(args.folder), frozenset(getattr(args, "leave_out", None) or ()))
    work = output / WORK_FOLDER
    library = prepare(found, work / "pieces.npz")
    for sentence in library.broken:
        tqdm.write(f"Left out: {sentence}")
    fit = Fit(library, _recipe(args, library), work / "checkpoint.pt")
    if getattr(args, "resume", False):
        fit.resume()
    _fit(fit)
    made = _export(args, library, fit, output)
    _describe(made, found, library, fit)
    (work / "pieces.npz").unlink(missing_ok=True)
    return 0


_FAMILIES: Final[dict[str, Callable[[argparse.Namespace], int]]] = {FAMILY: _train_note_events}


def _recipe(args: argparse.Namespace, library: Library) -> Recipe:
    size = Size(
        hidden=getattr(args, "hidden", None) or _HIDDEN,
        layers=getattr(args, "layers", None) or _LAYERS,
        styles=len(library.styles) + 1,
    )
    epochs = getattr(args, "epochs", None)
    minutes = getattr(args, "minutes", None) or _MINUTES
    return Recipe(size=size, budget=Budget(minutes=minutes, epochs=epochs))


def _fit(fit: Fit) -> None:
    try:
        fit.run()
    except KeyboardInterrupt:
        fit.save()
        tqdm.write(f"Stopped; --resume goes on from {fit.checkpoint}.")
        raise


def _export(args: argparse.Namespace, library: Library, fit: Fit, output: Path) -> Manifest:
    title = getattr(args, "title", None) or output.name.replace("-", " ").capitalize()
    licence = getattr(args, "licence", None) or ""
    manifest = Manifest(name=output.name, title=title, family=FAMILY, path=output, styles=library.styles, licence=licence)
    window = held_out_windows(library, np.flatnonzero(library.held_out)[:_CHECK_PIECES], _CHECK_NOTES, _CHECK_NOTES)[0]
    made, check = export(fit.averaged(), manifest, window)
    tqdm.write(_said(check))
    return made


def _said(check: Check) -> str:
    return (
        f"Exported: largest difference to PyTorch {check.largest_difference:.1e} nats, "
        f"int8 weights cost {check.int8_nats_lost:.4f} nats a note."
    )


def _describe(made: Manifest, found: list[Source], library: Library, fit: Fit) -> None:
    """Measure the exported model on the held-out pieces and write manifest and card."""
    generator = NoteEventGenerator(made)
    scores = _held_out_scores(found)
    metrics = _likelihoods(generator, scores) | _unigrams(library) | _continuations(generator, scores)
    credit = {s.set: s.origin for s in found}
    data = tuple(DataSource(name, licence, credit.get(name, "")) for name, licence in library.sets)
    speed = round(measure(generator)["notes_per_s"])
    made = replace(made, metrics=_rounded(metrics), data=data, notes_per_s=speed)
    made.write()
    write_card(made, _training_rows(library, fit))


def _held_out_scores(found: list[Source]) -> dict[str, list[Score]]:
    scores: dict[str, list[Score]] = {}
    for source in found:
        if source.split == "valid":
            try:
                scores.setdefault(source.style, []).append(read_midi(source.path).score)
            except FileError:
                continue  # it was named when the folder was read
    return scores


def _likelihoods(generator: NoteEventGenerator, scores: dict[str, list[Score]]) -> Numbers:
    known = {style: style if style in generator.manifest.styles else "" for style in scores}
    parts = {s: evaluate(generator, scores[s], known[s]) for s in tqdm(scores, desc="evaluating", unit="style")}
    notes = sum(part.notes for part in parts.values())
    if not notes:
        raise TrainingError("The held-out pieces have no notes to measure the model by.")

    def mean(name: str) -> float:
        return float(sum(getattr(part, name) * part.notes for part in parts.values()) / notes)

    fields = ("nats_onset", "nats_pitch", "nats_length", "nats_velocity", "nats_per_note")
    by_style = {style: part.nats_per_note for style, part in parts.items() if part.notes}
    return {"held_out_notes": float(notes), **{name: mean(name) for name in fields}, "nats_by_style": by_style}


def _unigrams(library: Library) -> Numbers:
    nats = unigram_nats(library)
    return {"unigram_nats_per_note": nats.pop(""), "unigram_nats_by_style": nats}


def _continuations(generator: NoteEventGenerator, scores: dict[str, list[Score]]) -> Numbers:
    passages = [passage_of(score, _CONTINUED_BARS) for style in scores.values() for score in style]
    usable = [passage for passage in passages if passage is not None]
    chosen = usable[:: max(len(usable) // _CONTINUED, 1)][:_CONTINUED]
    outcomes = compare(generator, tqdm(chosen, desc="continuing", unit="piece"), _CONTINUED_BARS)
    if not outcomes:
        return {}
    free = [outcome for outcome in outcomes if not outcome.is_locked]
    return {
        "continuations": float(len(free)),
        "continuations_drawn": means(outcome.drawn for outcome in free),
        "continuations_real": means(outcome.real for outcome in free),
        "continuations_locked": float(len(outcomes) - len(free)),
        "continuations_out_of_scale": float(sum(outcome.outside for outcome in outcomes)),
        "continuations_short": float(sum(outcome.is_short for outcome in outcomes)),
    }


def _rounded(metrics: Numbers) -> Metrics:
    return {
        name: {key: round(part, 4) for key, part in value.items()} if isinstance(value, dict) else round(value, 4)
        for name, value in metrics.items()
    }


def _training_rows(library: Library, fit: Fit) -> dict[str, str]:
    recipe, progress = fit.recipe, fit.progress
    train = int(library.notes[~library.held_out].sum())
    weights = sum(p.numel() for p in fit.net.parameters())
    return {
        "Data": f"{(~library.held_out).sum():,} pieces, {train:,} notes; {library.held_out.sum():,} pieces held out",
        "Seen": f"{progress.notes:,} notes in {progress.steps:,} steps, {progress.seconds / 60:.0f} minutes of one core",
        "Network": f"{weights:,} weights; fp32, AdamW {recipe.rate:g}, cosine to the end, average of the weights "
        f"{recipe.average:g}, {recipe.lanes} lanes of {recipe.window} notes with carried state",
        "Variation": "transposed by −6 to 6 semitones (told to the network); style and bars to the end hidden at times",
    }
