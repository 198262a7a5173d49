"""``musegen reproduce``: the published benchmarks, model by model and set by set, going on where it was stopped."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from musegen_app.training.published import chorales
from musegen_app.training.published.chorales import read_chorales
from musegen_app.training.published.fitting import Fit
from musegen_app.training.published.learner import FrameNats, Learner, per_frame, per_piece
from musegen_app.training.published.recipes import MODELS, voices
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
        results += _result(voices(songs), "voices", VOICED, args.output, args.minutes)
    if args.json:
        sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    else:
        tables = [table(results, sets)] if sets else []
        sys.stdout.write("\n\n".join(tables + ([token_table(results)] if songs else [])) + "\n")
    return 0


def _unigram(name: str, test: FrameNats, valid: FrameNats, weights: int) -> Result:
    return Result(name, "unigram", per_frame(test), per_piece(test), per_frame(valid), 0.0, 0.0, weights)


def _result(learner: Learner[Any], model: str, name: str, folder: Path, minutes: float | None) -> Sequence[Result]:
    kept = folder / f"{name}-{model}.json"
    if kept.exists():
        return read_results(kept)

    def told(line: str) -> None:
        sys.stderr.write(f"{name} {model}: {line}\n")
        sys.stderr.flush()

    fit = Fit(learner, folder / f"{name}-{model}.pt", minutes, told)
    results = _measured(fit, model, name)
    for result in results:
        told(f"test {result.test:.3f} ({result.model})")
    write_results(kept, results)
    return results


def _measured(fit: Fit[Any], model: str, name: str) -> list[Result]:
    net = fit.run()
    weights = sum(parameter.numel() for parameter in net.parameters())

    def result(title: str, test: FrameNats) -> Result:
        progress = fit.progress
        epochs = progress.frames / fit.learner.train_frames
        minutes = progress.seconds / 60
        numbers = per_frame(test), per_piece(test), progress.best, round(minutes, 2), round(epochs, 2), weights
        return Result(name, title, *numbers, tuple(progress.curve))

    results = [result(model, fit.learner.nats(net, "test"))]
    mixed = fit.learner.mixed(net, "test")
    if mixed is not None:
        results.append(result(f"{model}, views mixed", mixed))
    return results
