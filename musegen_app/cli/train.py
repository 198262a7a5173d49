"""``musegen train``: a model from a folder of MIDI files. Needs the extra ``train``, the only part that uses PyTorch."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import TrainingError
from musegen_app.generate import FAMILIES

_NEEDED: Final = ("torch", "onnx", "tqdm")


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="DIR", type=options.file_argument, help="a folder of MIDI files, with all below it")
    add("-o", "--output", metavar="MODEL", type=options.file_argument, required=True, help="the model's folder: models/NAME")
    add("--family", choices=sorted(FAMILIES), default="note-events", help="the kind of model (note-events)")
    add("--minutes", type=options.number, metavar="M", help="stop after M minutes")
    add("--epochs", type=options.number, metavar="N", help="stop after N passes over the notes")


def _run(args: argparse.Namespace) -> int:
    if find_spec("musegen_app.training") is None:  # a frozen program leaves it out
        raise TrainingError('The training room is not part of this program; training needs: pip install "musegen[train]"')
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        what = f"{', '.join(missing).capitalize()} {'are' if len(missing) > 1 else 'is'} not installed here"
        raise TrainingError(f'{what}; training needs: pip install "musegen[train]"')
    # By name, because training lies above the terminal: it may use all rooms, and none may lean on it.
    code: int = import_module("musegen_app.training.command").run(args)
    return code


COMMAND = Command("train", "train a model on a folder of MIDI files", _configure, _run)
