"""``musegen adapt``: a model that takes up the style of a folder of pieces."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from musegen_app.errors import MuseGenError, TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import find
from musegen_app.training.command import train
from musegen_app.training.events import voice_of
from musegen_app.training.order import Order
from musegen_app.training.tasks.adapt import AdaptTask, require_adaptable


def run(args: argparse.Namespace) -> int:
    """Adapt the model ``args.model`` as the command line says, and write the new one. Returns the exit code.

    Raises:
        TrainingError: the folder cannot be learnt from, the model cannot be adapted, the checkpoint does not fit, or the
            export failed.
        ModelError: there is no such model, it is damaged, or the new one cannot be written.
    """
    order = Order.of(args)
    try:
        base = _base(args.model, order.output)
    except MuseGenError as error:
        voice_of(events=order.events).say("failed", message=str(error))
        raise
    title = order.title or f"{base.title}, adapted to {order.output.name.replace('-', ' ')}"
    order = replace(order, title=title, licence=order.licence or base.licence, family=base.family)
    return train(order, lambda corpus, work: AdaptTask(corpus, work, base, order.output.name), base.data)


def _base(name: str, output: Path) -> Manifest:
    base = find(name)
    if output.resolve() == base.path.resolve():
        raise TrainingError(f'Model "{base.name}" cannot be adapted into its own folder; name another with -o.')
    require_adaptable(base)
    return base
