"""``musegen train``: a model from a folder of MIDI files. Needs the extra ``train``, the only part that uses PyTorch."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.encoding.drums import INSTRUMENTS
from musegen_app.errors import TrainingError
from musegen_app.generate import FAMILIES

DETAILS: Final = """
Train a model on a folder of MIDI files and all below it, and write it to MODEL. Subfolders (or the style column of an
index.tsv in DIR) are the model's styles; one piece in twenty is held out to measure it. A folder of nothing but drums, or
--instrument drums, makes a model that plays drum tracks. Needs: pip install "musegen[train]".
"""
_MOST_UNITS: Final = 4096
_NEEDED: Final = ("torch", "onnx", "tqdm")


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="DIR", type=options.file_argument, help="a folder of MIDI files, with all below it")
    add("-o", "--output", metavar="MODEL", type=options.file_argument, required=True, help="the model's folder: models/NAME")
    add("--family", choices=sorted(FAMILIES), default="note-events", help="the kind of model (note-events)")
    add("--instrument", choices=INSTRUMENTS, help="what of each piece is learnt (all but the drums; drums of drums alone)")
    add("--minutes", type=_positive, metavar="M", help="train for M minutes (60)")
    add("--epochs", type=_positive, metavar="N", help="pass over the notes N times, however long it takes")
    add("--resume", action="store_true", help="go on from the checkpoint of a training that was stopped")
    add("--as-published", action="store_true", help="layers, windows and sampling as the family's authors had them")
    add("--hidden", type=_size, metavar="N", help="units a layer; more learn more, and play slower")
    add("--layers", type=_size, metavar="N", help="layers")
    add(
        "--leave-out",
        action="append",
        metavar="SET",
        help="a subfolder, or a set of index.tsv, not to learn from; may be repeated",
    )
    add("--only", action="append", metavar="SET", help="learn from this subfolder or set alone; may be repeated")
    add("--samples", action="store_true", help="write a sample to MODEL/training at each check of the held-out pieces")
    add(
        "--events",
        action="store_true",
        help="tell how it goes as JSON lines; finish and stop on stdin are heeded",
    )
    add("--title", metavar="TEXT", help="the model's name as the window shows it")
    add("--licence", metavar="TEXT", help="terms of the weights, such as CC-BY-4.0")


def _positive(text: str) -> float:
    value = options.number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


def _size(text: str) -> int:
    value = options.whole(text)
    if not 1 <= value <= _MOST_UNITS:
        raise argparse.ArgumentTypeError(f"{text} is not within 1 to {_MOST_UNITS}")
    return value


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


COMMAND = Command("train", "train a model on a folder of MIDI files", _configure, _run, DETAILS)
