"""A receiver in a process of its own, which knows nothing of the program under test: it hears a JACK port and counts.

As a program, ``python far_receiver.py CLIENT``: opens the port ``CLIENT:receiver``, and answers each line it reads with a
line of JSON. ``held`` answers what sounds, ``log`` what came since it was asked last.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import IO, Any, cast

from midi_ear import Ear

NAME = "receiver"
Heard = list[tuple[float, list[int]]]


class FarReceiver:
    """The process, seen from a test. Close it."""

    def __init__(self, client: str) -> None:
        self.port = f"{client}:{NAME}"
        self._process = subprocess.Popen(
            [sys.executable, __file__, client], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._ask("held")["held"] == []

    def sounding(self) -> list[list[int]]:
        """Channel and pitch of what sounds, taking nothing but the notes' own offs for an end."""
        found: list[list[int]] = self._ask("held")["held"]
        return found

    def struck(self) -> int:
        """How many notes have begun so far."""
        return int(self._ask("held")["struck"])

    def log(self) -> Heard:
        """When (on the receiver's own clock) what came, since this was asked last."""
        found: Heard = [(when, message) for when, message in self._ask("log")]
        return found

    def close(self) -> None:
        """End the process."""
        cast("IO[str]", self._process.stdin).close()
        cast("IO[str]", self._process.stdout).close()
        self._process.wait(20)

    def _ask(self, what: str) -> Any:
        print(what, file=self._process.stdin, flush=True)
        return json.loads(cast("IO[str]", self._process.stdout).readline())


class _Notes:
    def __init__(self) -> None:
        self.held: dict[tuple[int, int], int] = {}
        self.struck = 0
        self.log: Heard = []

    def __call__(self, when: float, message: tuple[int, ...]) -> None:
        self.log.append((when, list(message)))
        kind, key = message[0] & 0xF0, (message[0] & 15, message[1] if len(message) > 1 else 0)
        if kind == 0x90 and message[2] > 0:
            self.struck += 1
            self.held[key] = self.held.get(key, 0) + 1
        elif kind in {0x80, 0x90} and key in self.held:
            del self.held[key]


def main(client: str) -> None:
    ear = _Notes()
    listener = Ear(client, NAME, ear)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    for line in sys.stdin:
        if line.strip() == "held":
            answer: object = {"held": sorted(ear.held), "struck": ear.struck}
        else:
            answer, ear.log = ear.log, []
        print(json.dumps(answer), file=out, flush=True)
    listener.close()


if __name__ == "__main__":
    main(sys.argv[1])
