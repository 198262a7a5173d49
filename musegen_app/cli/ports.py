"""``musegen ports``: where MIDI can be sent."""

from __future__ import annotations

import argparse
import json

from musegen_app.cli import options
from musegen_app.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from musegen_app.midi_io.devices import output_ports

    ports = output_ports()
    if args.json:
        print(json.dumps({"ports": list(ports.names), "problem": ports.problem}, ensure_ascii=False, indent=2))
        return 0
    for name in ports.names:
        print(name)
    if ports.problem:
        print(ports.problem)
    elif not ports.names:
        print("No MIDI output port is there; start a synthesiser or connect an instrument.")
    return 0


COMMAND = Command("ports", "list the MIDI output ports", _configure, _run)
