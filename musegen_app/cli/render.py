"""``musegen render``: a MIDI file as sound."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.errors import FileError, InputError
from musegen_app.files import read_midi

DETAILS: Final = """
Turn a MIDI file into a WAV file (44.1 kHz, stereo, 16 bits) with FluidSynth and the General MIDI soundfont found on this
machine, or the one given. The WAV is as long as the piece; --tail lets the last notes ring out.
"""
_MOST_TAIL_S: Final = 60.0


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", type=options.file_argument, help="a MIDI file")
    add("-o", "--output", metavar="OUT", type=options.file_argument, required=True, help="the WAV file to write")
    add("--soundfont", metavar="SF2", type=options.file_argument, help="a soundfont file")
    add("--tail", type=_tail, default=0.0, metavar="S", help="seconds after the end for what still rings (0)")
    options.add_json(parser)


def _tail(text: str) -> float:
    value = options.number(text)
    if not 0 <= value <= _MOST_TAIL_S:
        raise argparse.ArgumentTypeError(f"{text} is not within 0 to {_MOST_TAIL_S:.0f} seconds")
    return value


def _run(args: argparse.Namespace) -> int:
    from musegen_app.playback.render import RATE, render_wav
    from musegen_app.playback.soundfonts import Synth, find_synth

    output: Path = args.output
    if output.suffix.lower() != ".wav":
        raise InputError(f'"{output}" does not end in .wav; sound is written as a WAV file.')
    if not output.parent.is_dir():
        raise FileError(f"There is no folder {output.parent} to write {output.name} to.", output)
    read_file = read_midi(args.file)
    for repair in read_file.repairs:
        print(f"{args.file.name}: {repair}", file=sys.stderr)
    synth = find_synth()
    if args.soundfont is not None:
        if not args.soundfont.is_file():
            raise FileError(f"There is no soundfont {args.soundfont}.", args.soundfont)
        synth = Synth(synth.program, args.soundfont)
    render_wav(read_file.score, output, synth, tail_s=args.tail, on_progress=_show)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    seconds = read_file.score.timeline.second_at(read_file.score.end_tick) + args.tail
    if args.json:
        answer = {"file": str(output), "seconds": round(seconds, 3), "rate": RATE, "soundfont": str(synth.soundfont)}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print(f"{output}: {seconds:.1f} s, with {synth.soundfont.name}")
    return 0


def _show(share: float) -> None:
    if sys.stderr.isatty():
        print(f"\rrendering {100 * share:3.0f} % ", end="", file=sys.stderr, flush=True)


COMMAND = Command("render", "turn a MIDI file into a WAV file", _configure, _run, DETAILS)
