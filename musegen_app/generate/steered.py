"""Draw notes around others: what is known to come is heard in its place, and what the request asks for is held.

All notes are one stream, sorted by onset and pitch. Where the model's next note would come after the next known one, or at
its step and not below it, the known one is heard instead and the model chooses anew: the chain rule, with what is known put
in. Known notes are never given out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import BARS_LEFT
from musegen_app.encoding.note_events import END, LENGTHS, NO_VELOCITY, ONSETS, PITCHES, STEP_TICKS, velocity_classes
from musegen_app.generate.batch import Batch
from musegen_app.generate.constraints import Mask
from musegen_app.generate.line import Line, Reach
from musegen_app.generate.loops import LoopWatch
from musegen_app.generate.outlet import Feel, Struck
from musegen_app.generate.pace import Pace, drawn_from, probabilities
from musegen_app.generate.plans import Part
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.session import NoteSession
from musegen_app.generate.steering import recalls
from musegen_app.generate.surroundings import Surroundings
from musegen_app.score import Note

_WELL_ALLOWED: Final = 0.98
"""Of what is likely, how much a mask must leave for the graph's own draw to be kept."""
_NOWHERE: Final = PITCHES
"""The pitch of a rival that is not there."""


@dataclass(slots=True)
class _Row:
    """A take: its line, the event it heard last, and the next one.

    ``at``, ``pitch``: the last event, a pitch of −1 for none. ``known``: how many known notes were heard. ``reach`` and
    ``onset``: what may come and the drawn class. ``step``, ``arrival``, ``pitches``: the next event, the latter None where
    it is a known note; ``rival``: the pitch of a known note at the same step.
    """

    take: int
    line: Line
    feel: Feel
    watch: LoopWatch
    at: int
    pitch: int = -1
    known: int = 0
    reach: Reach | None = None
    onset: int = END
    step: int = 0
    arrival: int = 0
    pitches: Mask | None = None
    rival: int = _NOWHERE
    cost: float = 0.0


class SteeredContinuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    Raises:
        InputError: the request cannot be met.
    """

    def __init__(self, session: NoteSession, request: GenerateRequest, style: int) -> None:
        self._session, self._request = session, request
        self._part = Part.of(request)
        self._scene, self._field = self._part.scene, self._part.field
        self._batch = Batch(session, request, style)
        self._ways: dict[Reach, npt.NDArray[np.bool_]] = {}  # takes are often at the same places
        at = int(self._scene.seed.notes.onset[-1]) if len(self._scene.seed.notes) else 0
        self._rows = [
            _Row(take, self._part.line(), self._part.feel(take), LoopWatch(take), at) for take in range(request.takes)
        ]

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw notes until every take has reached the end of its span, or until ``cancelled`` says so before a note."""
        if cancelled():
            return
        self._hear_seed()
        while self._rows:
            for made in self._decide():
                if cancelled():
                    return
                yield made
            if not self._rows or cancelled():
                return
            self._draw()
            for made in self._taken_in():
                if cancelled():
                    return
                yield made

    def _hear_seed(self) -> None:
        """Hear what comes before the span and draw each take's first onset."""
        for row in self._rows:
            row.reach = row.line.reach(row.at, -1, adds=False)
        self._allow_onsets()
        seed, part = self._scene.seed, self._part
        recall = seed.memory.recall(seed.notes) if self._session.recalls and recalls(self._request) else None
        self._heard = self._batch.hear(part.seed_inputs(self._batch.style, recall))
        self._around = Surroundings(seed.notes, seed.bars, len(self._rows), recall, seed.memory)
        self._note_onsets()

    # --- what comes next ----------------------------------------------------------------------------------------------

    def _decide(self) -> Iterator[GeneratedNote]:
        """Find each take's next event; the last notes of those that are over."""
        over = [index for index, row in enumerate(self._rows) if not self._find(index, row)]
        for index in over:
            row = self._rows[index]
            yield from (self._made(row, note) for note in row.line.outlet.finish())
        if over:
            self._keep([index for index in range(len(self._rows)) if index not in set(over)])

    def _find(self, index: int, row: _Row) -> bool:
        """Find the next event of a take; False where it is over."""
        if row.reach is None:
            return False
        spot = row.line.place(row.reach, row.onset, row.pitch, partial(self._around.heard.silent, index))
        known = self._scene.known
        coming = int(known.onset[row.known]) if row.known < self._part.known_count else self._field.end
        if spot is None and (row.onset == END or not row.reach.may_end or coming >= self._field.end):
            return False
        row.rival = int(known.pitch[row.known]) if spot is None or coming <= spot.step < self._field.end else _NOWHERE
        if coming >= self._field.end:
            row.rival = _NOWHERE
        if spot is None or coming < spot.step or (coming == spot.step and not self._may_precede(row, spot.pitches)):
            row.step, row.pitches = coming, None
        else:
            row.step, row.pitches = spot.step, self._unlooped(row, spot.pitches)
        row.arrival = int(ONSETS.classes(row.step - row.at))
        row.cost = float(self._heard.log_probs[3][index, row.arrival])
        return True

    @staticmethod
    def _may_precede(row: _Row, pitches: Mask) -> bool:
        """Whether one of ``pitches`` lies under the known note at the same step."""
        return bool(pitches[: row.rival].any())

    def _unlooped(self, row: _Row, pitches: Mask) -> Mask:
        """Without the pitch that would go on with a loop, where others are left."""
        shunned = row.watch.shunned(is_late=row.at >= self._scene.seed.last_bar)
        if shunned is None:
            return pitches
        others = pitches & (np.arange(PITCHES) != shunned)
        return others if others.any() else pitches

    def _keep(self, indices: list[int]) -> None:
        """Go on with these rows alone."""
        self._rows = [self._rows[index] for index in indices]
        if self._rows:
            self._batch.only(indices)
            self._around.only(indices)
            self._heard = self._heard.only(indices)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Hear the next event of each take, drawn or known, and draw the onset after it."""
        rows, batch = self._rows, self._batch
        steps = [row.step for row in rows]
        floors = [row.pitch if row.step == row.at else -1 for row in rows]
        batch.inputs |= self._around.look(steps, [row.arrival for row in rows], batch.classes, batch.sounds)
        for index, step in enumerate(steps):
            if step >= self._part.cadence.closes_from:
                self._around.hide(index)
        batch.inputs["floor"][:] = floors
        batch.inputs |= self._part.foreseen(np.array(steps), np.array(floors))
        if self._part.bars_left is not None:
            batch.classes[:, BARS_LEFT] = self._part.bars_left[steps]
        for index, row in enumerate(rows):
            self._ask(index, row)
        self._allow_onsets()
        batch.draw_numbers()
        before = self._heard.state
        self._heard = batch.step(before)
        beaten = self._beaten()
        if beaten:
            self._give_way(beaten)
            self._heard = batch.step(before)
        self._note_onsets()

    def _ask(self, index: int, row: _Row) -> None:
        """Tell the graph what is given of the next event of a take, and what is allowed."""
        batch, line = self._batch, row.line
        if row.pitches is None:
            known, number = self._scene.known, row.known
            velocity = int(velocity_classes(known.velocity[number])) if self._scene.has_velocity else NO_VELOCITY
            pitch, length = int(known.pitch[number]), int(LENGTHS.classes(known.length[number]))
            batch.ask(index, (pitch, length, velocity), line.coming(row.step))
            row.reach = line.reach(row.step, pitch, adds=False)
            return
        pitch, length, given = line.given()
        velocity = NO_VELOCITY if not self._scene.has_velocity else int(velocity_classes(given)) if given > 0 else -1
        allowed = row.pitches
        if line.may_yield(row.step) and row.rival < _NOWHERE and row.step == self._known_step(row):
            allowed = allowed | (np.arange(PITCHES) >= row.rival)
        batch.ask(index, (pitch, length, velocity), allowed, self._part.leaning(row.step, is_lowest=row.step > row.at))
        row.reach = line.reach(row.step, pitch, adds=True)

    def _known_step(self, row: _Row) -> int:
        return int(self._scene.known.onset[row.known])

    def _beaten(self) -> list[int]:
        """The takes whose drawn note does not come before the known one at its step."""
        return [
            index
            for index, (row, pitch) in enumerate(zip(self._rows, self._heard.pitch.tolist(), strict=True))
            if row.pitches is not None and pitch >= row.rival and row.step == self._known_step(row)
        ]

    def _give_way(self, beaten: list[int]) -> None:
        """Hear the known note in these takes after all; the others keep what they drew."""
        heard, batch = self._heard, self._batch
        for index, row in enumerate(self._rows):
            if index in beaten:
                row.pitches = None
                self._ask(index, row)
            else:
                velocity = int(heard.velocity[index]) if self._scene.has_velocity else NO_VELOCITY
                given = (int(heard.pitch[index]), int(heard.length[index]), velocity)
                batch.ask(index, given, row.line.coming(row.step))
        self._allow_onsets()

    def _allow_onsets(self) -> None:
        allowed = self._batch.inputs["onset_allowed"]
        for index, row in enumerate(self._rows):
            if row.reach and row.reach not in self._ways:
                self._ways[row.reach] = row.reach.allowed(self._field)
            allowed[index] = self._ways[row.reach] if row.reach else True

    def _note_onsets(self) -> None:
        """Take note of the drawn onsets; draw again where a pace is to be kept or much of what was likely is forbidden."""
        onsets, allowed = self._heard.onset.tolist(), self._batch.inputs["onset_allowed"]
        shares = np.where(allowed, np.exp(self._heard.log_probs[3]), 0).sum(axis=1).tolist()
        for index, (row, onset, share) in enumerate(zip(self._rows, onsets, shares, strict=True)):
            row.onset = onset
            if row.reach and (row.line.pace or share < _WELL_ALLOWED):
                row.onset = self._redrawn(index, row, row.line.pace)

    def _redrawn(self, index: int, row: _Row, pace: Pace | None) -> int:
        inputs, must_join = self._batch.inputs, row.reach is not None and row.reach.must_join
        allowed = inputs["onset_allowed"][index].copy()
        allowed[0] &= self._may_go_on(index, row, PITCHES)
        if not allowed.any():
            return END
        if allowed[0] and must_join:
            return 0
        if pace and allowed[1:].any() and row.line.is_at_ease(row.step):
            allowed[0] &= self._may_go_on(index, row, self._part.plan.top)
        probs = probabilities(self._heard.log_probs[3][index], allowed, float(inputs["time_temperature"][index, 0]))
        uniform = float(inputs["uniforms"][index, 3])
        if pace is None:
            return drawn_from(probs, uniform)
        start, known = self._field.start, row.known + (row.pitches is None)
        at = max(row.step, start)
        coming = int(self._scene.known.onset[known]) if known < self._part.known_count else self._field.end + PITCHES
        own = row.line.own + (row.pitches is not None)
        return pace.draw(probs, uniform, (row.step - start, own), max(coming - at, 0))

    def _may_go_on(self, index: int, row: _Row, top: int) -> bool:
        """Whether a chord can go on: free notes need a pitch above the last one, up to ``top``."""
        if not row.line.is_free or row.step < self._field.start:
            return True
        silent = self._around.heard.silent(index, row.step, row.step + 1)[0]
        pitch = int(self._heard.pitch[index])
        floor = pitch if pitch < PITCHES else -1
        return bool((self._field.free(row.step) & silent)[floor + 1 : top + 1].any())

    # --- giving out ---------------------------------------------------------------------------------------------------

    def _taken_in(self) -> Iterator[GeneratedNote]:
        """Take in what was heard, and give out the notes that nothing can change any more."""
        pitches, classes = self._heard.pitch.tolist(), self._heard.length.tolist()
        notes = [self._note(index, row, pitches[index], classes[index]) for index, row in enumerate(self._rows)]
        cuts = [row.line.strike(note) if note else [] for row, note in zip(self._rows, notes, strict=True)]
        known = self._scene.known
        lengths = [
            note.end - note.step if note else int(known.length[row.known])
            for row, note in zip(self._rows, notes, strict=True)
        ]
        for index, row in enumerate(self._rows):
            for ended in cuts[index]:
                self._around.hush(index, ended.pitch, row.step)
        self._around.add(pitches, lengths)
        for index, (row, note) in enumerate(zip(self._rows, notes, strict=True)):
            row.at, row.pitch = row.step, pitches[index]
            if note is None:
                row.known += 1
            else:
                self._watch(index, row, note)
            yield from (self._made(row, settled) for settled in row.line.outlet.settled(row.step))

    def _note(self, index: int, row: _Row, pitch: int, length: int) -> Struck | None:
        """The drawn note of a take, None where it heard a known one."""
        if row.pitches is None:
            return None
        log_probs = self._heard.log_probs
        log_prob = row.cost + float(log_probs[0][index, pitch] + log_probs[1][index, length])
        velocity = 0
        if self._scene.has_velocity:
            drawn = int(self._heard.velocity[index])
            velocity = drawn * 4 + 2
            log_prob += float(log_probs[2][index, drawn])
        return Struck(row.step, row.step + int(LENGTHS.high[length]), pitch, velocity, log_prob)

    def _made(self, row: _Row, note: Struck) -> GeneratedNote:
        start, end = note.ticks or (self._field.tick(note.step), self._field.tick(note.end))
        velocity = note.velocity if note.ticks else row.feel.velocity(note.velocity, self._straight(note.step))
        return GeneratedNote(self._request.id, row.take, Note(start, end - start, note.pitch, velocity), note.log_prob)

    def _straight(self, step: int) -> int:
        return (self._scene.seed.origin + step) * STEP_TICKS

    def _watch(self, index: int, row: _Row, note: Struck) -> None:
        """Look after a take that is caught in a loop: its pitches are drawn more freely until it moves on."""
        if not row.line.is_free:
            return
        row.watch.heard(self._scene.seed.bars, note.step, note.pitch, note.end - note.step)
        self._batch.inputs["temperature"][index] = row.watch.temperature(self._request.sampling.temperature)
