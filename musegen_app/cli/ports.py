"""``musegen ports``: where MIDI can be sent."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from musegen_app.cli import options
from musegen_app.cli.command import Command

if TYPE_CHECKING:
    from musegen_app.midi_io.devices import PortList


def _configure(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    ports = all_ports()
    if args.json:
        answer = {"ports": list(ports.names), "problem": ports.problem, "hint": ports.hint}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for line in (*ports.names, ports.problem, ports.hint):
        if line:
            print(line)
    return 0


def all_ports() -> PortList:
    """The system's ports, and FluidSynth where it is installed."""
    from musegen_app.midi_io.devices import output_ports
    from musegen_app.midi_io.synth_port import with_synth
    from musegen_app.playback.soundfonts import live_synth

    command, hint = live_synth()
    return with_synth(output_ports(), is_there=bool(command), hint=hint)


COMMAND = Command("ports", "list the MIDI output ports", _configure, _run)
