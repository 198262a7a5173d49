"""``musegen ports``: where MIDI can be sent, and how long the way back is."""

from __future__ import annotations

import argparse
import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import PortError

if TYPE_CHECKING:
    from musegen_app.midi_io.devices import PortList
    from musegen_app.playback.calibration import RoundTrip

_POLL_S: Final = 0.01
DETAILS: Final = (
    "List the MIDI output ports. With --loopback send 32 notes to one port, listen at another to which it is connected, and "
    "tell how long they were on the way. Names may be shortened while they stay clear."
)


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--loopback", metavar=("OUT", "IN"), nargs=2, help="measure the way from a port to another")
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    return _measure(*args.loopback, as_json=args.json) if args.loopback else _list(as_json=args.json)


def _list(*, as_json: bool) -> int:
    ports = all_ports()
    if as_json:
        answer = {"ports": list(ports.names), "problem": ports.problem, "hint": ports.hint}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for line in (*ports.names, ports.problem, ports.hint):
        if line:
            print(line)
    return 0


def _measure(output: str, input_name: str, *, as_json: bool) -> int:
    from musegen_app.cli.play import chosen_port
    from musegen_app.midi_io.devices import output_ports
    from musegen_app.midi_io.virtual_port import input_ports

    outputs, inputs = output_ports(), input_ports()
    output = chosen_port(output, outputs.names, outputs.problem)
    input_name = chosen_port(input_name, inputs.names, inputs.problem)
    found = round_trip(output, input_name)
    if as_json:
        answer = {"output": output, "input": input_name, "median_ms": round(found.median_ms, 3)}
        answer |= {"spread_ms": round(found.spread_ms, 3), "notes": found.heard}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print(f"Round trip {found.median_ms:.2f} ms (spread {found.spread_ms:.2f} ms, {found.heard} notes)")
    return 0


def round_trip(output: str, input_name: str) -> RoundTrip:
    """Measure, which takes some five seconds.

    Raises:
        PortError: a port is not there, or nothing comes back.
    """
    from musegen_app.midi_io.virtual_port import listening
    from musegen_app.playback.calibration import Calibration
    from musegen_app.playback.client import Player

    calibration = Calibration(output, input_name)
    with closing(listening(input_name)) as port, closing(Player()) as player:
        if not port.look():
            raise PortError(port.problem, input_name)
        player.play(calibration.score, 0)
        while player.position_tick() < calibration.score.end_tick:
            time.sleep(_POLL_S)
            player.poll()
            for at_s, message in port.receive():
                calibration.hear(message, player.tick_at(at_s))
    return calibration.result()


def all_ports() -> PortList:
    """The system's ports, and FluidSynth where it is installed."""
    from musegen_app.midi_io.devices import output_ports
    from musegen_app.midi_io.synth_port import with_synth
    from musegen_app.playback.soundfonts import live_synth

    command, hint = live_synth()
    return with_synth(output_ports(), is_there=bool(command), hint=hint)


COMMAND = Command("ports", "list the MIDI output ports, measure a loopback", _configure, _run, DETAILS)
