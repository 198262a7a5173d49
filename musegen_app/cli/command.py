"""What a command is, and the parser that complains in one sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from musegen_app.errors import InputError


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands.

    ``summary`` is one line for the list of commands, ``details`` stand above a command's own options. ``configure`` adds
    these; ``run`` does the work, prints the answer and returns the exit code, or raises a MuseGenError.
    """

    name: str
    summary: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    details: str = ""


class Parser(argparse.ArgumentParser):
    """Bad options raise :class:`InputError` with one sentence instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        text = message.removeprefix("argument ").rstrip(".")
        raise InputError(f'{text[:1].upper()}{text[1:]} (see "{self.prog} --help").')
