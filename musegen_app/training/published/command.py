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

from musegen_app.training.published.fitting import Fit
from musegen_app.training.published.learner import FrameNats, per_frame, per_piece
from musegen_app.training.published.recipes import MODELS
from musegen_app.training.published.results import Result, read_results, table, write_results
from musegen_app.training.published.splits import KEYS, SETS, Splits, read_set, unigram_nats

Told = Callable[[str], None]


def run(args: argparse.Namespace) -> int:
    """Fit what is not yet fitted, then print the table.

    Raises:
        MuseGenError: the data or what an earlier run left cannot be used.
    """
    torch.set_num_threads(1)  # the nets are small, and one core gives the same numbers everywhere
    sets, models = args.sets or list(SETS), args.models or list(MODELS)
    splits = {name: read_set(args.folder, name) for name in sets}
    results: list[Result] = []
    for name in sets:
        results.append(_unigram(name, splits[name]))
        for model in models:
            results += _result(model, name, splits[name], args.output, args.minutes)
    if args.json:
        sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    else:
        sys.stdout.write(table(results, sets) + "\n")
    return 0


def _unigram(name: str, splits: Splits) -> Result:
    test, valid = unigram_nats(splits), unigram_nats(splits, "valid")
    return Result(name, "unigram", per_frame(test), per_piece(test), per_frame(valid), 0.0, 0.0, KEYS)


def _result(model: str, name: str, splits: Splits, folder: Path, minutes: float | None) -> Sequence[Result]:
    kept = folder / f"{name}-{model}.json"
    if kept.exists():
        return read_results(kept)

    def told(line: str) -> None:
        sys.stderr.write(f"{name} {model}: {line}\n")
        sys.stderr.flush()

    fit = Fit(MODELS[model](name, splits), folder / f"{name}-{model}.pt", minutes, told)
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
