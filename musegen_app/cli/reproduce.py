"""``musegen reproduce``: the published benchmarks of polyphonic music. Needs the extra ``train``."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import TrainingError

DETAILS: Final = """
Fit an RBM, an LSTM with independent keys and our chained net to the splits of Boulanger-Lewandowski (2012) in DIR
(JSB_Chorales.mat, Nottingham.mat, MuseData.mat, Piano_midi.mat), and print what a frame of each test part costs, in nats,
beside the published rows. The set jsb16 (jsb-chorales-16th.json in DIR; asked by name) has the same chorales voice by voice
on sixteenths, and a net and a unit of its own: nats a token, which is one voice in one sixteenth. A run that was stopped
goes on with what lies in FOLDER. Needs: pip install "musegen[train]".
"""
_SETS: Final = ("jsb", "nottingham", "musedata", "piano", "jsb16")
_MODELS: Final = ("rbm", "lstm", "chained")


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="DIR", type=options.file_argument, help="the folder of the splits")
    add(
        "-o",
        "--output",
        metavar="FOLDER",
        type=options.file_argument,
        required=True,
        help="keep checkpoints and results in FOLDER",
    )
    add("--sets", type=_sets, metavar="LIST", help=f"some of {','.join(_SETS)} (all but the last)")
    add("--models", type=_models, metavar="LIST", help=f"some of {','.join(_MODELS)} (all)")
    add(
        "--minutes",
        type=_minutes,
        metavar="M",
        help="fit each model for M minutes at most (as long as the reported table took)",
    )
    options.add_json(parser)


def _sets(text: str) -> list[str]:
    return _some_of(text, _SETS)


def _models(text: str) -> list[str]:
    return _some_of(text, _MODELS)


def _some_of(text: str, known: tuple[str, ...]) -> list[str]:
    chosen = text.split(",")
    for name in chosen:
        if name not in known:
            raise argparse.ArgumentTypeError(f'"{name}" is not one of {", ".join(known)}')
    return [name for name in known if name in chosen]


def _minutes(text: str) -> float:
    value = options.number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


def _run(args: argparse.Namespace) -> int:
    if find_spec("musegen_app.training") is None:  # a frozen program leaves it out
        raise TrainingError('The training room is not part of this program; this needs: pip install "musegen[train]"')
    if find_spec("torch") is None:
        raise TrainingError('Torch is not installed here; this needs: pip install "musegen[train]"')
    # By name, because training lies above the terminal: it may use all rooms, and none may lean on it.
    code: int = import_module("musegen_app.training.published.command").run(args)
    return code


COMMAND = Command("reproduce", "measure our nets on published benchmarks", _configure, _run, DETAILS)
