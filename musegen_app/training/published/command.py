"""``musegen reproduce``: the published benchmarks, model by model and set by set, going on where it was stopped."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from musegen_app.training.published import chorales
from musegen_app.training.published.chorales import Chorales, read_chorales
from musegen_app.training.published.fitting import Fit
from musegen_app.training.published.learner import FrameNats, Learner, mixture, per_frame, per_piece
from musegen_app.training.published.recipes import MODELS, VOICE_SEEDS, voices
from musegen_app.training.published.results import Result, read_results, table, token_table, write_results
from musegen_app.training.published.splits import KEYS, SETS, read_set, unigram_nats

Told = Callable[[str], None]
VOICED = "jsb16"


def run(args: argparse.Namespace) -> int:
    """Fit what is not yet fitted, then print the table.

    Raises:
        MuseGenError: the data or what an earlier run left cannot be used.
    """
    torch.set_num_threads(1)  # the nets are small, and one core gives the same numbers everywhere
    asked, models = args.sets or list(SETS), args.models or list(MODELS)
    sets = [name for name in asked if name in SETS]
    splits = {name: read_set(args.folder, name) for name in sets}
    songs = read_chorales(args.folder) if VOICED in asked else None
    results: list[Result] = []
    for name in sets:
        results.append(_unigram(name, unigram_nats(splits[name]), unigram_nats(splits[name], "valid"), KEYS))
        for model in models:
            results += _result(MODELS[model](name, splits[name]), model, name, args.output, args.minutes)
    if songs is not None:
        by_voice = chorales.unigram_nats(songs), chorales.unigram_nats(songs, "valid")
        results.append(_unigram(VOICED, *by_voice, chorales.VOICES * chorales.CLASSES))
        results += _kept("voices", VOICED, args.output, partial(_voices, songs, args.output, args.minutes))
    if args.json:
        sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    else:
        tables = [table(results, sets)] if sets else []
        sys.stdout.write("\n\n".join(tables + ([token_table(results)] if songs else [])) + "\n")
    return 0


def _unigram(name: str, test: FrameNats, valid: FrameNats, weights: int) -> Result:
    return Result(name, "unigram", per_frame(test), per_piece(test), per_frame(valid), 0.0, 0.0, weights)


def _result(learner: Learner[Any], model: str, name: str, folder: Path, minutes: float | None) -> Sequence[Result]:
    def measured(told: Told) -> list[Result]:
        return _measured(Fit(learner, folder / f"{name}-{model}.pt", minutes, told), model, name)

    return _kept(model, name, folder, measured)


def _kept(model: str, name: str, folder: Path, measured: Callable[[Told], list[Result]]) -> Sequence[Result]:
    """What was measured before, or is now and kept."""
    kept = folder / f"{name}-{model}.json"
    if kept.exists():
        return read_results(kept)

    def told(line: str) -> None:
        sys.stderr.write(f"{name} {model}: {line}\n")
        sys.stderr.flush()

    results = measured(told)
    for result in results:
        told(f"test {result.test:.3f} ({result.model})")
    write_results(kept, results)
    return results


def _measured(fit: Fit[Any], model: str, name: str) -> list[Result]:
    net = fit.run()
    results = [_row(fit, net, (name, model), fit.learner.nats(net, "test"))]
    mixed = fit.learner.mixed(net, "test")
    if mixed is not None:
        results.append(_row(fit, net, (name, f"{model}, views mixed"), mixed))
    return results


def _voices(songs: Chorales, folder: Path, minutes: float | None, told: Told) -> list[Result]:
    """The net of the chorales that valid likes best, and all of them mixed."""
    rows: list[Result] = []
    test: list[FrameNats] = []
    valid: list[FrameNats] = []
    for seed in VOICE_SEEDS:
        fit = Fit(voices(songs, seed), folder / f"{VOICED}-voices-{seed}.pt", minutes, told)
        net = fit.run()
        test.append(fit.learner.nats(net, "test"))
        valid.append(fit.learner.nats(net, "valid"))
        rows.append(_row(fit, net, (VOICED, "voices"), test[-1]))
    together = mixture(test)
    mixed = replace(
        rows[0],
        model="voices, nets mixed",
        test=per_frame(together),
        test_by_piece=per_piece(together),
        valid=per_frame(mixture(valid)),
        minutes=round(sum(row.minutes for row in rows), 2),
        epochs=round(sum(row.epochs for row in rows), 2),
        weights=sum(row.weights for row in rows),
        log=(),
    )
    return [min(rows, key=lambda row: row.valid), mixed]


def _row(fit: Fit[Any], net: nn.Module, title: tuple[str, str], test: FrameNats) -> Result:
    """The result of a model on a set, ``title`` being the names of both, the set's first."""
    progress = fit.progress
    epochs, minutes = progress.frames / fit.learner.train_frames, progress.seconds / 60
    weights = sum(parameter.numel() for parameter in net.parameters())
    numbers = per_frame(test), per_piece(test), progress.best, round(minutes, 2), round(epochs, 2), weights
    name, model = title
    return Result(name, model, *numbers, tuple(progress.curve))
