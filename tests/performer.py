"""A musician in a process of its own: ``python performer.py CLIENT`` opens a port, and plays what it is told.

Each line of stdin is a JSON list of [seconds from now, message]; when all was played, the two times between which each left
(of ``time.perf_counter``, which all processes share) are printed as a JSON list. The end of stdin ends it, keys down or not.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time

import rtmidi

PORT = "keys"


def perform(out: rtmidi.MidiOut, events: list[tuple[float, list[int]]]) -> list[tuple[float, float]]:
    """Play on time."""
    began, left = time.perf_counter(), []
    for at_s, message in events:
        while (rest_s := began + at_s - time.perf_counter()) > 0:
            time.sleep(rest_s if rest_s > 0.002 else 0)
        before = time.perf_counter()
        out.send_message(message)
        left.append((before, time.perf_counter()))
    return left


def main() -> None:
    """Open the port, then play line by line, ahead of other programs where the system lets us."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
    out.open_virtual_port(PORT)
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(json.dumps(perform(out, json.loads(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
