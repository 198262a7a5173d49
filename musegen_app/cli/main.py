"""The command line: a table of commands, one sentence on stderr and exit code 2 where something cannot be done."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from pathlib import Path
from typing import Final

from musegen_app import __version__
from musegen_app.cli import window
from musegen_app.cli.command import Parser
from musegen_app.errors import InputError, MuseGenError
from musegen_app.logs import log_path, logging_to_file

BAD_INPUT: Final = 2
FAULT: Final = 70  # EX_SOFTWARE of sysexits.h: our fault, not the user's
INTERRUPTED: Final = 130

_ANSWERS: Final = ("-h", "--help", "--version")

_log = logging.getLogger(__name__)


def run(argv: list[str]) -> int:
    """Do what the arguments say and return the exit code; bad input, however bad, never ends in a traceback."""
    _let_any_name_be_printed()
    with logging_to_file():
        try:
            return _dispatch(argv)
        except MuseGenError as error:
            _complain(str(error))
            return BAD_INPUT
        except KeyboardInterrupt:
            return INTERRUPTED
        except BrokenPipeError:  # the reader of our answer went away, as head(1) does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception:  # noqa: BLE001 - the top of the program: the log has the traceback, the user a sentence
            _log.exception("musegen %s failed", " ".join(argv))
            _complain(f"Something went wrong inside MuseGen; {log_path()} tells more.")
            return FAULT


def _dispatch(argv: list[str]) -> int:
    if not argv or argv[0] in window.ARGUMENTS or _is_file(argv[0]):
        return window.run(argv)
    from musegen_app.cli.table import COMMANDS, HIDDEN  # late: the window shall not wait for the commands' imports

    if argv[0] in HIDDEN:
        return HIDDEN[argv[0]](argv[1:])
    if argv[0] not in COMMANDS and argv[0] not in _ANSWERS:
        what = "an option" if argv[0].startswith("-") else "a command or a file"
        raise InputError(f'"{argv[0]}" is not {what} MuseGen knows (see "musegen --help").')
    try:
        args = build_parser().parse_args(argv)
    except SystemExit as leaving:  # --help and --version have printed their answer
        return int(leaving.code or 0)
    code = COMMANDS[args.command].run(args)
    print(end="", flush=True)  # a reader that went away shall be noticed here
    return code


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from musegen_app.cli.table import COMMANDS

    parser = Parser(
        prog="musegen",
        description="Draw or play a seed, hear it continued, keep the take you like. Without a command the window opens.",
        epilog='"musegen COMMAND --help" tells the options of a command. "musegen FILE" opens a file in the window.',
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"MuseGen {__version__}")
    rows = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for command in COMMANDS.values():
        row = rows.add_parser(
            command.name, help=command.summary, description=command.details or command.summary, allow_abbrev=False
        )
        command.configure(row)
    return parser


def _is_file(argument: str) -> bool:
    path = Path(argument)
    return bool(path.suffix) and path.is_file()  # a file called "play" beside us is not meant by "musegen play"


def _let_any_name_be_printed() -> None:
    """A console that has no ♭, or a file name that is no Unicode, costs a character and not the answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a windowed program on Windows has none
            stream.reconfigure(errors="backslashreplace")


def _complain(sentence: str) -> None:
    print(f"musegen: {sentence}", file=sys.stderr)
