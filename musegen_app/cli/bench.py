"""``musegen bench``: what the program promises, measured on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Final

from musegen_app.cli import clock_timing, measures, options, timing
from musegen_app.cli.command import Command
from musegen_app.errors import InputError, MuseGenError

DETAILS: Final = """
Measure speed. Without names all is measured. Each number is measured now, on this machine: notes_per_s (one take),
takes8_over_1 (time of eight takes by time of one), first_note_ms (256-note seed, from the request to the first note),
cancel_ms (from cancel to the end of the request), startup_ms (from the program's start to its first paint), frame_ms_10k and
frame_ms_100k (one frame of the roll with that many notes in sight), frame_speedup_100k (against drawing them one by one),
speedup_vs_window (carried state against reading a 100-note window again for each note).

"playback", measured only when asked for (it takes minutes), tells how late notes leave while a window repaints 10,000
notes at 60 frames a second and a model generates: our player with real-time permission and without (plain), mido's
MidiFile.play in a process of its own, and a thread with time.sleep in the window's process. Measure on a quiet machine.
"clock", likewise, tells how even our MIDI clock arrives at a virtual port, beside a thread that sleeps from pulse to pulse.
"""
PLAYBACK: Final = "playback"
CLOCK: Final = "clock"
_GROUPS: Final = {PLAYBACK: timing.KEYS, CLOCK: clock_timing.KEYS}
_FEWEST_EVENTS, _MOST_EVENTS = 10, 1_000_000


def _configure(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(measures.NUMBERS)
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help=f"what to measure: {known} (all these), {PLAYBACK}, {CLOCK}"
    )
    parser.add_argument(
        "--events", metavar="N", type=_events, default=timing.EVENTS, help=f'of "playback" ({timing.EVENTS:,})'
    )
    options.add_model(parser)
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    def playback(model: str) -> Mapping[str, float]:
        return timing.measure_playback(model, args.events)

    parts = {**measures.NUMBERS, **dict.fromkeys(timing.KEYS, playback)}
    parts |= dict.fromkeys(clock_timing.KEYS, clock_timing.measure_clock)
    names = args.names or list(measures.NUMBERS)
    wanted = [key for name in names for key in _GROUPS.get(name, (name,))]
    unknown = [name for name in wanted if name not in parts]
    if unknown:
        there_are = ", ".join((*measures.NUMBERS, *_GROUPS))
        raise InputError(f"Nothing called {', '.join(unknown)} is measured; there are: {there_are}.")
    results: dict[str, float] = {}
    failed = False
    for part in dict.fromkeys(parts[name] for name in wanted):
        try:
            results |= part(args.model)
        except MuseGenError as error:
            failed = True
            print(f"musegen: {error}", file=sys.stderr)
    rows = {name: round(results[name], 3) for name in wanted if name in results}
    if args.json:
        print(json.dumps(rows, indent=2))
    else:
        for name, value in rows.items():
            print(f"{name:>24} {value:>12,.3f}")
    return 1 if failed else 0


def _events(text: str) -> int:
    count = options.whole(text)
    if not _FEWEST_EVENTS <= count <= _MOST_EVENTS:
        raise argparse.ArgumentTypeError(f"{count} is not between {_FEWEST_EVENTS} and {_MOST_EVENTS:,}")
    return count


def run_frames(argv: list[str]) -> int:
    """``musegen --bench-frames COUNT``: print what the roll's benchmark measures, from a process with a fresh Qt."""
    from musegen_app.ui.roll.benchmark import measure

    print(json.dumps(measure(int(argv[0]))))
    return 0


COMMAND = Command("bench", "measure speed on this machine", _configure, _run, DETAILS)
