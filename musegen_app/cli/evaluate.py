"""``musegen evaluate``: how well a model foresees music it is given, in nats a unit of its family."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import FileError, InputError
from musegen_app.files import read_midi
from musegen_app.generate import Generator, Manifest, find, load
from musegen_app.generate.families import unigram_nats, unit_of
from musegen_app.generate.request import Foreseeing
from musegen_app.score import Score

_SUFFIXES: Final = (".mid", ".midi", ".smf", ".kar")
_CHOICE_BARS: Final = 8
_CHOICE_PLACES: Final = (0, 12, 24)  # bars after the beginning where seeds begin
_FIELDS: Final = ("nats_onset", "nats_pitch", "nats_length", "nats_velocity", "nats_per_note")
DETAILS: Final = """
Read MIDI files, or folders with all below them, and print how surprised the model is, in nats (lower is better): for each
note, on a grid of 24 ticks a quarter, where nats_per_note is onset + pitch + length; or for each unit of the model's
family, a column, a step or a word, beside what single units by frequency alone cost on its held-out set. Files that cannot
be read are named on stderr and left out. Where a folder holds an index.tsv with the columns file and style, a file's style
is looked up there; --style names one for all. For a note-event model --gaps N tells as well what each note costs in gaps of
N bars, by the past alone and with both sides known; and --choose asks at up to three places of each piece which of four
continuations of 8 bars is its own, three being from others of its metre in its key, and tells how often the model is right
(chance: 0.25): by how much likelier the seed makes each, and by which is likeliest.
"""


@dataclass(slots=True)
class Pieces:
    """Scores by style, and how many files were used and left out."""

    by_style: dict[str, list[Score]] = field(default_factory=dict)
    files: int = 0
    skipped: list[str] = field(default_factory=list)


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", type=options.file_argument, help="MIDI files or folders")
    options.add_model(parser)
    parser.add_argument("--style", default="", metavar="NAME", help="a style of the model, for all files")
    parser.add_argument("--gaps", type=options.whole, default=0, metavar="N", help="cut gaps of N bars")
    parser.add_argument("--choose", action="store_true", help="which is the true continuation?")
    options.add_json(parser)


def midi_files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and the MIDI files of the folders named, each once, sorted within a folder.

    Raises:
        FileError: a path is not there.
    """
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise FileError(f"{path} does not exist.", path)
        found = (
            sorted(p for p in path.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file()) if path.is_dir() else [path]
        )
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def read_pieces(paths: list[Path], style: str, model_styles: Container[str], instrument: str = PITCHED) -> Pieces:
    """Read all files, each under ``style`` or else the style its folder's index gives it.

    A file goes under "" where no index knows it, or where its style is none of ``model_styles``. Files that hold nothing
    for ``instrument`` are left out.

    Raises:
        FileError: a path is not there.
        InputError: not one file could be used.
    """
    pieces, styles = Pieces(), StyleIndex()
    for path in midi_files(paths):
        try:
            score = read_midi(path).score
        except FileError as error:
            print(f"musegen: {error}", file=sys.stderr)
            pieces.skipped.append(str(path))
            continue
        if not any(track.notes and track.is_drums == (instrument == DRUMS) for track in score.tracks):
            others = "no drums" if instrument == DRUMS else "only drums"
            print(f"musegen: {path.name} holds {others if score.note_count else 'no notes'}.", file=sys.stderr)
            pieces.skipped.append(str(path))
            continue
        pieces.files += 1
        known = styles.of(path)
        pieces.by_style.setdefault(style or (known if known in model_styles else ""), []).append(score)
    if not pieces.files:
        raise InputError(f"There is no MIDI file with notes in {', '.join(map(str, paths))}.")
    return pieces


class StyleIndex:
    """Styles of files, as ``index.tsv`` in a folder above them tells (tab-separated, columns ``file`` and ``style``)."""

    def __init__(self) -> None:
        self._styles: dict[Path, dict[Path, str]] = {}

    def of(self, path: Path) -> str:
        """The file's style, or "" where no index knows it."""
        path = path.resolve()
        for folder in path.parents:
            if folder not in self._styles:
                self._styles[folder] = _read_index(folder / "index.tsv")
            if path in self._styles[folder]:
                return self._styles[folder][path]
        return ""


def _read_index(index: Path) -> dict[Path, str]:
    try:
        with index.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, ValueError, csv.Error):
        return {}  # no index, or a file of that name which is something else
    return {index.parent / row["file"]: row["style"] for row in rows if row.get("file") and row.get("style")}


def _run(args: argparse.Namespace) -> int:
    manifest = find(args.model)
    if args.style and args.style not in manifest.styles:
        raise InputError(f'Model "{manifest.name}" does not know the style "{args.style}".')
    if args.choose and manifest.instrument == DRUMS:
        raise InputError(f'Model "{manifest.name}" plays drums, which cannot be moved to one key; leave out --choose.')
    pieces = read_pieces(args.paths, args.style, manifest.styles, manifest.instrument)
    generator = load(manifest)
    numbers = _by_unit(generator, pieces, manifest) if isinstance(generator, Foreseeing) else _by_note(generator, pieces)
    numbers |= _asked_more(generator, pieces, args)
    units, unit = int(numbers[_units(manifest)]), unit_of(manifest)
    if not units:
        raise InputError("The files hold nothing this model can be asked about.")
    if args.json:
        rounded = {name: round(value, 6) for name, value in numbers.items()}
        answer = {**rounded, "unit": unit, "files": pieces.files, "skipped": pieces.skipped, "model": manifest.name}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        files = "1 file" if pieces.files == 1 else f"{pieces.files} files"
        print(f"{units} {_units(manifest)} in {files}, model {manifest.name}")
        told = {name: value for name, value in numbers.items() if name != _units(manifest)}
        width = max(14, *map(len, told))
        print("\n".join(f"{name:>{width}} {value:.4f}" for name, value in told.items()))
    return 0


def _asked_more(generator: Generator, pieces: Pieces, args: argparse.Namespace) -> dict[str, float]:
    """The answers to --gaps and --choose.

    Raises:
        InputError: the model cannot be asked, or a gap has no bars.
    """
    from musegen_app.generate.both_sides import both_sides
    from musegen_app.generate.comparison import passage_of
    from musegen_app.generate.note_events import NoteEventGenerator
    from musegen_app.generate.true_continuation import choose_true, shares

    if args.gaps < 0:
        raise InputError(f"Gaps of {args.gaps} bars cannot be cut; ask for 1 or more.")
    if not args.gaps and not args.choose:
        return {}
    if not isinstance(generator, NoteEventGenerator):
        raise InputError(f'Model "{generator.name}" cannot be asked about gaps and choices; a note-event model can.')
    found: dict[str, float] = {}
    if args.gaps:
        parts = [both_sides(generator, scores, args.gaps, style) for style, scores in pieces.by_style.items()]
        notes = sum(part.notes for part in parts)
        found["gap_notes"] = notes
        found["gap_nats_past"] = sum(part.past_nats * part.notes for part in parts) / max(notes, 1)
        found["gap_nats_both_sides"] = sum(part.both_nats * part.notes for part in parts) / max(notes, 1)
    if args.choose:
        choices = []
        for style, scores in pieces.by_style.items():
            asked = [[passage_of(score, _CHOICE_BARS, skipped) for skipped in _CHOICE_PLACES] for score in scores]
            passages = [[passage for passage in places if passage] for places in asked]
            choices.append(choose_true(generator, passages, style))
        choice = shares(choices)
        found |= {"choices": choice.asked, "true_continuations_chosen": choice.right}
        found["true_continuations_likeliest"] = choice.likeliest
    return found


def _units(manifest: Manifest) -> str:
    return f"{unit_of(manifest)}s"


def _by_note(generator: Generator, pieces: Pieces) -> dict[str, float]:
    """Notes, and the mean cost of each of their attributes."""
    from musegen_app.generate.evaluation import evaluate

    parts = [evaluate(generator, scores, style) for style, scores in pieces.by_style.items()]
    notes = sum(part.notes for part in parts)
    means = {name: sum(getattr(part, name) * part.notes for part in parts) / max(notes, 1) for name in _FIELDS}
    return {"notes": notes, **means}


def _by_unit(generator: Foreseeing, pieces: Pieces, manifest: Manifest) -> dict[str, float]:
    """Units and what each costs; where the manifest knows it, what single units cost there by frequency alone."""
    found = generator.likelihood([score for scores in pieces.by_style.values() for score in scores])
    baseline = unigram_nats(manifest)
    unit = unit_of(manifest)
    told = {_units(manifest): found.units, f"nats_per_{unit}": found.nats}
    return told if baseline is None else {**told, f"unigram_nats_per_{unit}": baseline}


COMMAND = Command("evaluate", "measure how well a model foresees music", _configure, _run, DETAILS)
