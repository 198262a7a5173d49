"""A training at its protocol, as a program of its own: tells the events, heeds what it is told, learns nothing.

``python training_stand_in.py OUTPUT KIND [resume]``. KIND "music" learns until it is told to end, "short" ends by itself
after a moment, "astray" fails with a sentence, "crash" dies in the middle.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TURN_S = 0.02


def say(event: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def listen(wishes: list[str]) -> None:
    for line in sys.stdin:
        wishes.append(line.strip())  # noqa: PERF401  one by one, as they come
    wishes.append("stop")


def make_model(output: Path) -> None:
    """A model that the list takes: the shipped graphs under a name of its own."""
    shipped = ROOT / "models" / "flagship"
    told = json.loads((shipped / "model.json").read_text())
    for file in (told["graph"], told["step"]):
        shutil.copy(shipped / file, output / file)
    (output / "model.json").write_text(json.dumps({**told, "name": output.name, "title": "Made in a test"}))


def learn(work: Path, kind: str, wishes: list[str], first: int) -> str:
    for turn in range(first, 10_000):
        if wishes:
            return wishes[0]
        units, loss = 100 * turn, 2.0 + 3.0 / turn
        say("progress", spent=min(turn / 50, 0.99), seconds=turn, left_s=200 - turn, units=units, unit="note", loss=loss,
            held_out=None, notes_per_s=1240.4, pieces_per_s=12.34)  # fmt: skip
        if turn % 5 == 0:
            say("held_out", units=units, loss=loss, held_out=loss + 0.2)
            sample = work / f"sample-{turn:03d}.mid"
            shutil.copy(ROOT / "resources" / "seeds" / "folk.mid", sample)
            say("sample", path=str(sample), units=units)
            (work / "checkpoint.pt").write_text(str(turn))
            say("saved")
        if kind == "crash" and turn == first + 12:
            os._exit(9)
        if kind == "short" and turn == first + 12:
            return "finish"
        time.sleep(TURN_S)
    return "stop"


def main() -> int:
    output, kind, resume = Path(sys.argv[1]), sys.argv[2], "resume" in sys.argv
    work, wishes = output / "training", []
    threading.Thread(target=listen, args=(wishes,), daemon=True).start()
    sys.stdout.write("a stray line that is no event\n")
    say("reading", done=3, total=7)
    if kind == "astray":
        say("failed", message="No piece in the folder has notes.")
        return 2
    say("corpus", pieces=6, held_out=1, notes=4200, broken=["broken.mid is not a MIDI file.", "empty.mid holds no notes."])
    first = int((work / "checkpoint.pt").read_text()) + 1 if resume else 1
    if learn(work, kind, wishes, first) == "stop":
        (work / "checkpoint.pt").write_text("40")
        say("saved")
        say("stopped")
        return 3
    say("exporting")
    make_model(output)
    say("measuring")
    say("done", model=output.name, path=str(output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
