"""The table of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from musegen_app.cli import (
    adapt,
    bench,
    compare,
    continue_,
    desk,
    evaluate,
    measures,
    models,
    play,
    ports,
    render,
    reproduce,
    train,
)
from musegen_app.cli.command import Command

COMMANDS: Final[dict[str, Command]] = {
    command.name: command
    for command in (
        continue_.COMMAND,
        models.COMMAND,
        ports.COMMAND,
        play.COMMAND,
        render.COMMAND,
        train.COMMAND,
        adapt.COMMAND,
        evaluate.COMMAND,
        compare.COMMAND,
        reproduce.COMMAND,
        bench.COMMAND,
    )
}

HIDDEN: Final[dict[str, Callable[[list[str]], int]]] = {
    measures.FRAMES_ARGUMENT: bench.run_frames,
    desk.ARGUMENT: desk.run_desk,
}
"""Arguments by which the program calls itself, since a frozen one cannot start a module."""
