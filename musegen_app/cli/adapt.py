"""``musegen adapt``: a model that is there learns a folder of pieces, in minutes. Needs the extra ``train``."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import TrainingError

DETAILS: Final = """
Let a note-event model take up the style of the MIDI files of a folder and all below it, in minutes, and write the adapted
model to MODEL; it knows that style alone, and the old model stays as it is. A dozen pieces are a beginning, a hundred are
better; one in twenty is held out to measure it. Needs: pip install "musegen[train]".
"""
_NEEDED: Final = ("torch", "onnx", "tqdm")


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="DIR", type=options.file_argument, help="a folder of MIDI files, with all below it")
    add(
        "-o",
        "--output",
        metavar="MODEL",
        type=options.file_argument,
        required=True,
        help="the new model's folder: models/NAME",
    )
    options.add_model(parser)
    add("--minutes", type=_positive, metavar="M", help="learn for M minutes at most (3)")
    add("--resume", action="store_true", help="go on from the checkpoint of an adaptation that was stopped")
    add("--samples", action="store_true", help="write a sample to MODEL/training at each check of the held-out pieces")
    add(
        "--events",
        action="store_true",
        help="tell how it goes as JSON lines; finish and stop on stdin are heeded",
    )
    add("--title", metavar="TEXT", help="the model's name as the window shows it")
    add("--licence", metavar="TEXT", help="terms of the weights (those of the model that is adapted)")


def _positive(text: str) -> float:
    value = options.number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


def _run(args: argparse.Namespace) -> int:
    if find_spec("musegen_app.training") is None:  # a frozen program leaves it out
        raise TrainingError('The training room is not part of this program; adapting needs: pip install "musegen[train]"')
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        what = f"{', '.join(missing).capitalize()} {'are' if len(missing) > 1 else 'is'} not installed here"
        raise TrainingError(f'{what}; adapting needs: pip install "musegen[train]"')
    # By name, because training lies above the terminal: it may use all rooms, and none may lean on it.
    code: int = import_module("musegen_app.training.adapt").run(args)
    return code


COMMAND = Command("adapt", "let a model learn a folder of MIDI files, in minutes", _configure, _run, DETAILS)
