"""How much each note surprises a note-event model: teacher forcing through the graph, a long piece in many lanes at once.

The graph tells the likelihood of one note a call, but takes in many notes a call. So the piece is taken in window by window
first, which gives the exact state at the head of each, and then all windows are heard side by side. What an edit left as it
was is not heard again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from musegen_app.encoding.context import ARRIVAL, BarGrid
from musegen_app.encoding.note_events import LENGTHS, NO_LENGTH, ONSETS, PITCHES, STEP_TICKS, GridNotes, on_grid
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.encoding.recall import LONGEST_LAG, NOTHING_RECALLED, PieceRecall, piece_recall
from musegen_app.generate.foresight import Foresight
from musegen_app.generate.insight import Cancelled, Floats, Heard, Hearing, Ints, Surprise
from musegen_app.generate.memory import Memory
from musegen_app.generate.priming import BY_ROW, floors_of, given_inputs, neutral_inputs, pitch_inputs, rows_of
from musegen_app.generate.session import Inputs, NoteSession, State
from musegen_app.score import NoteTable

LANES: Final = 64
LEAST_WINDOW: Final = 24
BLOCK: Final = 8_192
"""Notes that are heard at once; their surroundings, and those of their lead, take 3 kB each."""
LEAD: Final = LONGEST_LAG + 2
"""Bars before a block that its surroundings are computed from; the state of the network knows all."""
LEAST_LEAD: Final = 256
"""So many notes however long ago, where there was a long rest."""


class _Piece(NamedTuple):
    """Notes that count from step ``origin``, a bar line, the bars up to their end, what was known and is remembered."""

    notes: GridNotes
    bars: BarGrid
    origin: int
    style: int
    has_velocity: bool
    foresight: Foresight | None = None
    memory: Memory | None = None


def surprise_of(
    session: NoteSession, style: int, hearing: Hearing, before: Surprise | None, cancelled: Cancelled
) -> Surprise | None:
    """See :meth:`musegen_app.generate.insight.Insightful.surprise`; ``style`` is the model's class of it.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    notes = on_grid([hearing.notes])
    if not len(notes):
        return Surprise(np.zeros(0, dtype=np.int64), np.zeros((0, 3)))
    origin = bar_line_before(hearing.timeline, int(notes.onset[0]))
    notes = notes.moved(-origin)
    piece = _Piece(notes, BarGrid.of(hearing.timeline, origin, notes.end), origin, style, notes.has_velocity)
    known = before.heard if before else None
    heard = _heard(session, piece, hearing, known, cancelled)
    if heard is None:
        return None
    found = _by_id(hearing.notes, piece, _nats(heard.costs, notes), heard)
    foresight = Foresight.of(hearing.request)
    if foresight is None or int(found.ids[0]) > 0:
        return found
    drawn = _as_drawn(session, style, hearing, foresight, cancelled)
    return None if drawn is None else _with(found, drawn)


def _as_drawn(
    session: NoteSession, style: int, hearing: Hearing, foresight: Foresight, cancelled: Cancelled
) -> Surprise | None:
    """The figures of the ghosts alone, with what was known in sight: heard as they were drawn, after as much of the past."""
    scene = foresight.part.scene
    seed, (start, end) = scene.seed, foresight.part.request.span
    standing, ghosts = foresight.part.request.standing, hearing.notes.take(hearing.notes.id < 0)
    within = on_grid([standing.take(standing.starting_in(start, end)), ghosts]).moved(-seed.origin)
    notes = GridNotes(
        np.concatenate([seed.notes.onset, within.onset]),
        np.concatenate([seed.notes.pitch, within.pitch]),
        np.concatenate([seed.notes.length, within.length]),
        np.concatenate([seed.notes.velocity, within.velocity]),
    )
    bars = BarGrid.of(hearing.timeline, seed.origin, max(notes.end, seed.end) + 1)
    piece = _Piece(notes, bars, seed.origin, style, scene.has_velocity, foresight, seed.memory)
    block = _Block(session, piece, 0 if seed.is_whole else 1, len(notes) + 1)
    if not block.hear(session.empty_state(1), cancelled):
        return None
    costs = np.zeros((len(notes) + 1, 4))
    costs[-len(block.costs) :] = block.costs
    return _by_id(ghosts, piece, _nats(costs, notes))


def _with(found: Surprise, drawn: Surprise) -> Surprise:
    """``found`` with the figures of ``drawn`` in the place of its own."""
    nats = found.nats.copy()
    nats[np.searchsorted(found.ids, drawn.ids)] = drawn.nats
    return Surprise(found.ids, nats, found.heard)


def _heard(session: NoteSession, piece: _Piece, hearing: Hearing, known: Heard | None, cancelled: Cancelled) -> Heard | None:
    """What every row (the begin mark and the notes) costs, what is ``known`` taken over; None where cancelled."""
    notes = piece.notes
    columns = np.stack([notes.onset, notes.pitch, notes.length, notes.velocity])
    frame = (piece.style, hearing.timeline, piece.origin, notes.has_velocity)
    states, costs = [(0, session.empty_state(1))], np.zeros((len(notes) + 1, 4))
    if known is not None and frame == (known.style, known.timeline, known.origin, known.has_velocity):
        same = _same(columns, known.columns)
        states = [(row, state) for row, state in known.states if row <= same]
        costs[: states[-1][0]] = known.costs[: states[-1][0]]
    row, state = states[-1]
    while row <= len(notes):
        end = min(row + BLOCK, len(notes) + 1)
        block = _Block(session, piece, row, end)
        if not block.hear(state, cancelled):
            return None
        costs[row:end] = block.costs
        states += block.states
        row, state = states[-1]
    return Heard(*frame, columns, costs, tuple(states[:-1]))


def _same(ours: Ints, theirs: Ints) -> int:
    """How many notes at the front are the same."""
    count = min(ours.shape[1], theirs.shape[1])
    differs = (ours[:, :count] != theirs[:, :count]).any(axis=0)
    return int(differs.argmax()) if differs.any() else count


class _Block:
    """Rows ``begin`` to ``end`` of a piece, in windows of one length (the last may be shorter)."""

    def __init__(self, session: NoteSession, piece: _Piece, begin: int, end: int) -> None:
        self._session, self._begin = session, begin
        self._inputs, self._floor, self._pitches, self._coming = _rows(session, piece, begin, end)
        self._count = end - begin
        self._window = max(-(-self._count // LANES), LEAST_WINDOW)
        self._heads = np.arange(0, self._count, self._window)
        self.costs: Floats = np.zeros((self._count, 4))
        self.states: list[tuple[int, State]] = []
        """Rows at whose head the state is known, and the state; the last is the row after the block."""

    def hear(self, state: State, cancelled: Cancelled) -> bool:
        """Hear the rows after ``state``; False where ``cancelled`` said so."""
        heads, last = [state], state
        for head in self._heads[:-1].tolist():
            if cancelled():
                return False
            window = rows_of(self._inputs, slice(head, head + self._window))
            heads.append(self._session.step(self._inputs | window, heads[-1]).state)
        after = tuple(np.concatenate(parts, axis=1) for parts in zip(*heads, strict=True))
        for rows in self._steps():
            if cancelled():
                return False
            lanes = len(rows)
            after = self._hear_rows(rows, tuple(part[:, :lanes] for part in after))
            if rows[-1] == self._count - 1:
                last = tuple(part[:, lanes - 1 :] for part in after)
        self.states = [(self._begin + head, s) for head, s in zip(self._heads.tolist(), heads, strict=True)][1:]
        self.states.append((self._begin + self._count, last))
        return True

    def _steps(self) -> Iterator[Ints]:
        """Rows that are heard side by side, one a window, until all are."""
        for step in range(min(self._window, self._count)):
            rows = self._heads + step
            yield rows[rows < self._count]

    def _hear_rows(self, rows: Ints, state: State) -> State:
        inputs = neutral_inputs(len(rows))
        inputs |= {name: self._inputs[name][rows, 0][None] for name in BY_ROW if name in self._inputs}
        inputs["given"] = self._inputs["given"][:, rows, 0][:, None]
        inputs |= {name: value[rows] for name, value in self._pitches.items()}
        inputs["floor"] = self._floor[rows]
        heard = self._session.step(inputs, state)
        pitch, length, velocity = inputs["given"][:, 0]
        self.costs[rows] = heard.costs(pitch, length, velocity, self._coming[rows]).T
        return heard.state


def _rows(session: NoteSession, piece: _Piece, begin: int, end: int) -> tuple[Inputs, Ints, Inputs, Ints]:
    """Inputs of rows ``begin`` to ``end``, the pitches their own are above and chosen by, and the onsets that follow."""
    number = piece.bars.number[piece.notes.onset[:begin]]
    first = max(min(int(np.searchsorted(number, number[-1] - LEAD)), begin - LEAST_LEAD), 0) if begin else 0
    notes = piece.notes.rows(slice(first, min(end, len(piece.notes))))
    inputs = given_inputs(notes, piece.bars, None, has_velocity=piece.has_velocity, style=piece.style)
    arrival, floor = inputs["classes"][:, 0, ARRIVAL], floors_of(inputs, notes)
    if piece.foresight is not None:
        inputs = piece.foresight.put_in(inputs, np.concatenate([[0], notes.onset]) + piece.origin, floor)
    coming = np.append(arrival[1:], 0)
    shown = slice(begin - first, end - first)
    inputs |= rows_of(inputs, shown)
    recall = _recall(session, piece, notes, max(shown.start - 1, 0))
    lengths = None
    if recall is not None:
        mark = min(shown.start, 1)  # its first row is that of the begin mark
        rows = slice(mark, mark + end - begin)
        inputs["recall_classes"], lengths = recall.classes[rows, None], recall.lengths(rows)
        if piece.foresight is not None:
            hidden = piece.foresight.hides(np.concatenate([[0], notes.onset])[shown] + piece.origin)
            inputs["recall_classes"] = np.where(hidden[:, None, None], NOTHING_RECALLED, inputs["recall_classes"])
            lengths = np.where(hidden[:, None], NO_LENGTH, lengths)
    return inputs, floor[shown], pitch_inputs(notes, lengths, floor, shown), coming[shown]


def _recall(session: NoteSession, piece: _Piece, notes: GridNotes, since: int) -> PieceRecall | None:
    """What ``notes`` of the piece recall, those from number ``since`` on, if the model was to know."""
    if not session.recalls or (piece.foresight is not None and not piece.foresight.recalls):
        return None
    return piece.memory.recall(notes, since) if piece.memory else piece_recall(notes, piece.bars, since)


def _nats(costs: Floats, notes: GridNotes) -> Floats:
    """Onset, pitch and length of each note from what the rows cost; the choice within a class costs as well."""
    onset = costs[:-1, 3] + ONSETS.log_width[ONSETS.classes(np.diff(notes.onset, prepend=0))]
    length = costs[1:, 1] + LENGTHS.log_width[LENGTHS.classes(notes.length)]
    return np.stack([onset, costs[1:, 0], length], axis=1)


def _by_id(table: NoteTable, piece: _Piece, nats: Floats, heard: Heard | None = None) -> Surprise:
    """The figures of the grid's notes as those of the table's, each of which fell on one of them."""
    places = (piece.notes.onset + piece.origin) * PITCHES + piece.notes.pitch
    step = (table.start + STEP_TICKS // 2) // STEP_TICKS
    row = np.searchsorted(places, step * PITCHES + table.pitch)
    order = np.argsort(table.id, kind="stable")
    return Surprise(table.id[order], nats[row][order], heard)
