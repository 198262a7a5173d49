"""Telling how a training goes: a bar for people, lines of JSON for the window, which answers on standard input."""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Final, Protocol

from tqdm import tqdm

from musegen_app.training.corpus import Corpus
from musegen_app.training.progress import Progress, Wish
from musegen_app.training.task import Counts

_TELL_EVERY_S: Final = 0.5
OnCheck = Callable[[Progress], None]


class Voice(Protocol):
    """How a training speaks, from its first file to its model. Its middle part is a :class:`progress.Watch`."""

    on_check: OnCheck

    def read(self, done: int, total: int) -> None:
        """Files of the folder are read."""
        ...

    def corpus(self, corpus: Corpus, notes: int) -> None:
        """What was found."""
        ...

    def begin(self, counts: Counts, unit: str) -> None:
        """Training begins."""
        ...

    def progressed(self, progress: Progress, spent: float) -> None:
        """See :class:`musegen_app.training.progress.Watch`."""
        ...

    def checked(self, progress: Progress) -> None:
        """See :class:`musegen_app.training.progress.Watch`."""
        ...

    def saved(self) -> None:
        """See :class:`musegen_app.training.progress.Watch`."""
        ...

    def wish(self) -> Wish:
        """See :class:`musegen_app.training.progress.Watch`."""
        ...

    def say(self, event: str, **values: object) -> None:
        """Anything else: "exporting", "measuring", "sample", "done", with ``sentence`` for people."""
        ...


def speeds(progress: Progress, counts: Counts, since: tuple[int, float]) -> tuple[float, float]:
    """Notes and pieces a second since that count of units and seconds."""
    units, seconds = progress.units - since[0], max(progress.seconds - since[1], 1e-9)
    share = units / seconds / max(counts.units, 1)
    return share * counts.notes, share * counts.pieces


class BarVoice:
    """A progress bar on the terminal: loss, held-out loss, notes and pieces a second, time left."""

    def __init__(self) -> None:
        self.on_check: OnCheck = lambda _progress: None
        self._reading: tqdm[Any] | None = None
        self._bar: tqdm[Any] | None = None
        self._counts, self._unit = Counts(0, 0, 0), ""
        self._since: tuple[int, float] | None = None

    def read(self, done: int, total: int) -> None:
        """Move the bar of files."""
        if self._reading is None:
            self._reading = tqdm(total=total, desc="reading", unit="piece")
        self._reading.update(done - self._reading.n)
        if done == total:
            self._reading.close()

    def corpus(self, corpus: Corpus, notes: int) -> None:
        """Name what was left out."""
        for sentence in corpus.broken:
            tqdm.write(f"Left out: {sentence}")
        tqdm.write(f"{len(corpus.train)} pieces with {notes:,} notes to learn from, {len(corpus.held_out)} held out.")

    def begin(self, counts: Counts, unit: str) -> None:
        """Begin the bar."""
        self._counts, self._unit = counts, unit
        shape = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
        self._bar = tqdm(total=100, unit="%", bar_format=shape, smoothing=0)

    def progressed(self, progress: Progress, spent: float) -> None:
        """Move the bar."""
        if self._bar is None:
            return
        if self._since is None:
            self._since = progress.units, progress.seconds
            self._bar.initial = self._bar.n = 100 * spent  # what a resumed training had done says nothing of the time left
        notes, pieces = speeds(progress, self._counts, self._since)
        self._bar.update(100 * spent - self._bar.n)
        held_out = "" if math.isnan(progress.held_out) else f" held out {progress.held_out:.3f}"
        words = f"loss {progress.loss:.3f}{held_out} nats a {self._unit}, {notes:,.0f} notes/s, {pieces:.1f} pieces/s"
        self._bar.set_postfix_str(words, refresh=False)

    def checked(self, progress: Progress) -> None:
        """Write a line that stays."""
        tqdm.write(f"{progress.units:,} {self._unit}s: held out {progress.held_out:.4f} nats a {self._unit}")
        self.on_check(progress)

    def saved(self) -> None:
        """Say nothing."""

    def wish(self) -> Wish:
        """Go on; Ctrl-C stops."""
        return Wish.GO_ON

    def say(self, event: str, **values: object) -> None:
        """Write the sentence, if there is one."""
        if self._bar is not None and event in {"exporting", "stopped"}:
            self._bar.close()
        if values.get("sentence"):
            tqdm.write(str(values["sentence"]))


class JsonVoice:
    """One JSON object a line on ``out``; the lines "finish" and "stop" on ``commands``, or its end, are wishes."""

    def __init__(self, out: IO[str], commands: IO[str]) -> None:
        self.on_check: OnCheck = lambda _progress: None
        self._out, self._commands = out, commands
        self._wish = Wish.GO_ON
        self._counts, self._unit = Counts(0, 0, 0), ""
        self._since: tuple[int, float] | None = None
        self._told_s = -math.inf
        threading.Thread(target=self._listen, name="training-wishes", daemon=True).start()

    def read(self, done: int, total: int) -> None:
        """Tell how many files are read, twice a second."""
        if self._is_time() or done == total:
            self.say("reading", done=done, total=total)

    def corpus(self, corpus: Corpus, notes: int) -> None:
        """Tell what was found."""
        pieces, held_out = len(corpus.train), len(corpus.held_out)
        self.say("corpus", pieces=pieces, held_out=held_out, notes=notes, broken=list(corpus.broken))

    def begin(self, counts: Counts, unit: str) -> None:
        """Remember what progress counts."""
        self._counts, self._unit = counts, unit

    def progressed(self, progress: Progress, spent: float) -> None:
        """Tell, twice a second."""
        self._since = self._since or (progress.units, progress.seconds)
        if not self._is_time():
            return
        notes, pieces = speeds(progress, self._counts, self._since)
        left = progress.seconds * (1 - spent) / max(spent, 1e-9)
        self.say(
            "progress",
            spent=round(spent, 5),
            seconds=round(progress.seconds, 1),
            left_s=round(left, 1),
            units=progress.units,
            unit=self._unit,
            loss=_plain(progress.loss),
            held_out=_plain(progress.held_out),
            notes_per_s=round(notes, 1),
            pieces_per_s=round(pieces, 2),
        )

    def checked(self, progress: Progress) -> None:
        """Tell a point of the curves."""
        self.say("held_out", units=progress.units, loss=_plain(progress.loss), held_out=_plain(progress.held_out))
        self.on_check(progress)

    def saved(self) -> None:
        """Tell."""
        self.say("saved")

    def wish(self) -> Wish:
        """What the window said last."""
        return self._wish

    def say(self, event: str, **values: object) -> None:
        """Write a line; a window that is gone is noticed by the end of its commands."""
        values.pop("sentence", None)
        try:
            self._out.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
            self._out.flush()
        except OSError:
            self._wish = Wish.STOP

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now - self._told_s < _TELL_EVERY_S:
            return False
        self._told_s = now
        return True

    def _listen(self) -> None:
        for line in self._commands:
            if line.strip() in {"finish", "stop"}:
                self._wish = Wish.FINISH if line.strip() == "finish" else Wish.STOP
        if self._wish is Wish.GO_ON:
            self._wish = Wish.STOP


def _plain(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def voice_of(*, events: bool) -> Voice:
    """The voice that the command line asks for."""
    return JsonVoice(sys.stdout, sys.stdin) if events else BarVoice()
