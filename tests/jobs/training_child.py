"""Small programs that speak like a training: ``python training_child.py KIND``."""

from __future__ import annotations

import json
import os
import sys
import time


def say(event: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def ends_well() -> int:
    say("reading", done=1, total=2)
    say("corpus", pieces=1, held_out=1, notes=20, broken=["a.mid is broken."])
    say("held_out", units=10, loss=2.5, held_out=None)
    say("exporting")
    say("done", model="m", path="/models/m")
    return 0


def says_rubbish() -> int:
    for line in ("rubbish", "[1]", '{"event": 3}', '{"event": "progress"}', '{"event": "new one"}', "", "\xff"):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return ends_well()


def waits() -> int:
    say("saved")
    for line in sys.stdin:
        if line.strip() == "finish":
            return ends_well()
        if line.strip() == "stop":
            break
    return 3


def is_deaf() -> int:
    say("saved")
    time.sleep(60)
    return 0


def fails() -> int:
    say("failed", message="There is nothing to learn.")
    return 2


def fails_early() -> int:
    sys.stderr.write("a warning\nmusegen: The folder cannot be read.\n")
    return 2


def has_a_fault() -> int:
    say("failed", message="KeyError: 3")
    raise KeyError(3)


def dies() -> int:
    say("saved")
    os._exit(9)


def ends_too_soon() -> int:
    say("saved")
    return 0


def tells_its_priority() -> int:
    say("reading", done=os.getpriority(os.PRIO_PROCESS, 0), total=int(os.environ["OMP_NUM_THREADS"]))
    return ends_well()


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]]())
