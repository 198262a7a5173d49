"""What the command line orders, as a value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    """A training: from ``folder`` to the model folder ``output``. 0, "" and () stand for "as the family has it".

    ``only`` and ``leave_out`` are names of sets; ``events`` asks for lines of JSON, ``samples`` for a MIDI file at each
    check; ``resume`` goes on from the checkpoint.
    """

    folder: Path
    output: Path
    family: str = "note-events"
    minutes: float = 0.0
    epochs: float = 0.0
    resume: bool = False
    as_published: bool = False
    hidden: int = 0
    layers: int = 0
    instrument: str = ""
    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    title: str = ""
    licence: str = ""
    events: bool = False
    samples: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace) -> Order:
        """The order in ``args``; what it does not hold, or holds as None, is left to the default."""
        given: dict[str, Any] = {f.name: value for f in fields(cls) if (value := getattr(args, f.name, None)) is not None}
        for name in ("only", "leave_out"):
            given[name] = tuple(given.get(name, ()))
        return cls(**{**given, "folder": Path(args.folder), "output": Path(args.output)})
