"""``musegen play``: a MIDI file through a port."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import InputError, PortError
from musegen_app.files import read_midi
from musegen_app.score import Score

if TYPE_CHECKING:
    from musegen_app.playback.client import Player

_POLL_S: Final = 0.05
_OPEN_S: Final = 5.0
DETAILS: Final = (
    "Play a MIDI file through a port, the first there is unless one is named. Ctrl-C stops it; no note is left hanging."
)


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=options.file_argument, help="a MIDI file")
    parser.add_argument("--port", metavar="NAME", default="", help='a name of "musegen ports", or a part of one')


def _run(args: argparse.Namespace) -> int:
    from musegen_app.cli.ports import all_ports
    from musegen_app.playback.client import Player
    from musegen_app.playback.soundfonts import live_synth

    read_file = read_midi(args.file)
    for repair in read_file.repairs:
        print(f"{args.file.name}: {repair}", file=sys.stderr)
    if not read_file.score.note_count:
        raise InputError(f"{args.file.name} holds no notes to play.")
    ports = all_ports()
    name = chosen_port(args.port, ports.names, ports.problem)
    with closing(Player(*live_synth())) as player:
        _open(player, name)
        _play(player, read_file.score)
    return 0


def chosen_port(wanted: str, names: Sequence[str], problem: str = "") -> str:
    """The port called ``wanted``, or the only one whose name contains it; the first where nothing is wanted.

    Raises:
        PortError: there is none, or there are several.
    """
    if not names:
        raise PortError(problem or "No MIDI output port is there; start a synthesiser or connect an instrument.")
    if not wanted:
        return names[0]
    if wanted in names:
        return wanted
    alike = [name for name in names if wanted.casefold() in name.casefold()]
    if len(alike) == 1:
        return alike[0]
    which = f"Several ports are called like {wanted}" if alike else f"There is no port {wanted}"
    raise PortError(f"{which}; there are: {', '.join(alike or names)}.", wanted)


def _open(player: Player, name: str) -> None:
    """Wait until the engine has the port.

    Raises:
        PortError: it does not get it.
    """
    player.open_port(name)
    last_try = time.monotonic() + _OPEN_S
    while player.status().port != name:
        if time.monotonic() > last_try:
            raise PortError(player.status().problem or f"The port {name} cannot be opened.", name)
        time.sleep(_POLL_S)
        player.poll()


def _play(player: Player, score: Score) -> None:
    player.play(score, 0)
    try:
        while player.is_playing and player.position_tick() < score.end_tick:
            player.poll()
            _still_there(player)
            _show(score, int(player.position_tick()))
            time.sleep(_POLL_S)
    finally:
        player.stop()
        if sys.stdout.isatty():
            print()


def _still_there(player: Player) -> None:
    """A port of the system may come back; FluidSynth does not.

    Raises:
        PortError: FluidSynth is gone.
    """
    from musegen_app.midi_io.outputs import LOST, NO_AUDIO
    from musegen_app.midi_io.synth_port import SYNTH_NAME

    status = player.status()
    if not status.port and status.problem in (NO_AUDIO, LOST):
        raise PortError(status.problem, SYNTH_NAME)


def _show(score: Score, tick: int) -> None:
    if sys.stdout.isatty():
        place = score.timeline.bar_beat(max(tick, 0))
        last = score.timeline.bar_beat(max(score.end_tick - 1, 0))
        print(f"\rbar {place.bar}.{place.beat} of {last.bar} ", end="", flush=True)


COMMAND = Command("play", "play a MIDI file through a port", _configure, _run, DETAILS)
