"""Continue a seed with a note-event model: all takes as one batch, a note each a call, masks that are never violated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.note_events import END, LENGTHS, ONSETS, STEP_TICKS
from musegen_app.generate.batch import Batch
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.loops import LoopWatch
from musegen_app.generate.priming import Seed, crowd_of, given_inputs, rows_of
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.session import NoteSession
from musegen_app.generate.steering import recalls
from musegen_app.generate.surroundings import Surroundings
from musegen_app.score import Note

_ANY_TIME: Final = 1 << 40
_LOWEST: Final = np.append(ONSETS.low, _ANY_TIME)
_HIGHEST: Final[list[int]] = [*ONSETS.high.tolist(), _ANY_TIME]
_LENGTH: Final[list[int]] = LENGTHS.high.tolist()


class Continuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    A seed whose velocities were set (a score, notes drawn with the mouse) is continued as loud as it was on such places of
    the bar; the model draws velocities only after a seed that was played.

    Raises:
        InputError: the scale and the range have no common pitch.
    """

    def __init__(self, session: NoteSession, request: GenerateRequest, style: int) -> None:
        self._session, self._request, self._style = session, request, style
        self._mask = pitch_mask(request.key, request.pitch_range)
        self._seed, self._recalls = Seed.of(request), recalls(request)
        self._choices = int(self._mask.sum())
        self._draws_velocity = self._seed.has_velocity
        self._dynamics = self._seed.dynamics(request.timeline)
        self._batch = Batch(session, request, style)
        self._inputs = self._batch.inputs
        self._inputs["allowed"][:] = self._mask
        if not self._draws_velocity:
            self._batch.be_silent()
        self._takes = list(range(request.takes))
        self._crowd, self._struck = crowd_of(self._seed.notes.onset), [0] * request.takes
        self._watches = [LoopWatch(take) for take in self._takes]
        self._shunned: dict[int, int] = {}

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw notes until every take has reached the end of its span, or until ``cancelled`` says so before a note."""
        if cancelled():
            return
        self._hear_seed()
        while self._go_on() and not cancelled():
            self._draw()
            for note in self._drawn():
                if cancelled():
                    return
                yield note

    def _hear_seed(self) -> None:
        seed, count = self._seed, len(self._takes)
        recall = seed.memory.recall(seed.notes) if self._session.recalls and self._recalls else None
        rows = given_inputs(seed.notes, seed.bars, recall, has_velocity=seed.has_velocity, style=self._style)
        rows = rows if seed.is_whole else rows | rows_of(rows, slice(1, None))
        at = int(seed.notes.onset[-1]) if len(seed.notes) else 0
        self._soonest, self._at = max(seed.start - at, 0), [at] * count
        # A held chord may ring on, but nobody waits for the answer longer than a bar, or not at all.
        bar = 0 if self._request.prompt else int(seed.bars.length[seed.start])
        self._allow_onsets([min(seed.end - 1 - at, self._soonest + bar)] * count)
        self._inputs["onset_allowed"][:, :END] &= ONSETS.high >= min(self._soonest, ONSETS.longest)
        self._heard = self._batch.hear(rows)
        self._around = Surroundings(seed.notes, seed.bars, count, recall, seed.memory)
        self._sounding = [(seed.notes.onset + seed.notes.length).tolist() for _ in range(count)]

    def _allow_onsets(self, latest: list[int]) -> None:
        """Allow the next onset at most ``latest`` steps after this one; where that is any time, the piece may end."""
        latest_of = np.array(latest)[:, None]
        allowed = self._inputs["onset_allowed"]
        np.less_equal(_LOWEST, latest_of, out=allowed)
        self._latest = latest

    def _go_on(self) -> bool:
        """Move every take to its next onset and drop those that have reached their end. False when none is left."""
        onsets, end = self._heard.onset.tolist(), self._seed.end
        at = [
            here + max(min(_HIGHEST[onset], latest), self._soonest)
            for here, onset, latest in zip(self._at, onsets, self._latest, strict=True)
        ]
        self._soonest = 0
        self._onset_cost = [float(row[onset]) for row, onset in zip(self._heard.log_probs[3], onsets, strict=True)]
        for row, step in enumerate(at):
            if step < end and step > self._at[row] and self._is_full(row, step):
                at[row] = self._around.heard.next_silent(row, step, self._mask)
                onsets[row] = int(ONSETS.classes(at[row] - self._at[row]))
        pitches = self._heard.pitch.tolist()
        floor = [
            pitch if now == before and pitch < len(self._mask) else -1
            for pitch, now, before in zip(pitches, at, self._at, strict=True)
        ]
        self._inputs["floor"][:] = floor
        for row, take in enumerate(self._takes):
            if take in self._shunned and at[row] < end:
                self._shun(row, at[row], floor[row])
        struck = zip(self._struck, at, self._at, strict=True)
        self._struck = [number + 1 if now == before else 1 for number, now, before in struck]
        self._at, self._arrival = at, onsets
        if max(at) >= end:
            self._keep([row for row, step in enumerate(at) if step < end])
        return len(self._takes) > 0

    def _shun(self, row: int, step: int, floor: int) -> None:
        """Leave out the pitch that a loop would go on with, unless nothing else is free at ``step`` above ``floor``."""
        others = self._mask.copy()
        others[self._shunned.pop(self._takes[row])] = False
        free = others & self._around.heard.silent(row, step, step + 1)[0]
        self._inputs["allowed"][row] = others if free[floor + 1 :].any() else self._mask

    def _is_full(self, row: int, step: int) -> bool:
        """Whether every allowed pitch may still sound at ``step``: counted, since only the rare case needs a close look."""
        self._sounding[row] = [end for end in self._sounding[row] if end > step]
        return len(self._sounding[row]) >= self._choices

    def _keep(self, rows: list[int]) -> None:
        """Go on with these rows alone."""
        self._batch.only(rows)
        self._around.only(rows)
        for name in ("_takes", "_at", "_arrival", "_onset_cost", "_sounding", "_struck"):
            values = getattr(self, name)
            setattr(self, name, [values[row] for row in rows])
        self._heard = self._heard.only(rows)

    def _draw(self) -> None:
        inputs, at, seed = self._inputs, self._at, self._seed
        inputs |= self._around.look(at, self._arrival, self._batch.classes, self._batch.sounds)
        self._allow_onsets([_ANY_TIME if step >= seed.last_bar else seed.end - 1 - step for step in at])
        for row, (number, latest) in enumerate(zip(self._struck, self._latest, strict=True)):
            if number >= self._crowd > 0 < latest:
                inputs["onset_allowed"][row, 0] = False
        self._batch.draw_numbers()
        self._heard = self._batch.step(self._heard.state)

    def _drawn(self) -> Iterator[GeneratedNote]:
        """Take the drawn notes in, one a take, and give them out in score ticks."""
        heard, seed, end = self._heard, self._seed, self._seed.end
        pitches, velocities = heard.pitch.tolist(), heard.velocity.tolist()
        classes = heard.length.tolist()
        lengths = [min(_LENGTH[length], end - step) for length, step in zip(classes, self._at, strict=True)]
        self._around.add(pitches, lengths)
        for row, (take, step, pitch, length) in enumerate(zip(self._takes, self._at, pitches, lengths, strict=True)):
            self._sounding[row].append(step + length)
            self._watch(row, step, pitch, length)
            log_prob = self._onset_cost[row] + float(heard.log_probs[0][row, pitch] + heard.log_probs[1][row, classes[row]])
            start = (seed.origin + step) * STEP_TICKS
            if self._draws_velocity:
                velocity = velocities[row] * 4 + 2
                log_prob += float(heard.log_probs[2][row, velocities[row]])
            else:
                velocity = self._dynamics.at(start)
            note = Note(start, length * STEP_TICKS, pitch, velocity)
            yield GeneratedNote(self._request.id, take, note, log_prob)

    def _watch(self, row: int, step: int, pitch: int, length: int) -> None:
        """Look after a take that is caught in a loop."""
        watch = self._watches[self._takes[row]]
        if not watch.heard(self._seed.bars, step, pitch, length):
            return
        self._inputs["allowed"][row] = self._mask
        shunned = watch.shunned(is_late=step >= self._seed.last_bar)
        if shunned is not None:
            self._shunned[self._takes[row]] = shunned
        self._inputs["temperature"][row] = watch.temperature(self._request.sampling.temperature)
