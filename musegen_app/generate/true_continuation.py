"""Which is the true continuation? A seed, what really follows, and the same bars of three other pieces in its key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import STEP_TICKS, GridNotes, on_grid
from musegen_app.encoding.pieces import Piece
from musegen_app.generate.comparison import Passage
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Metre, NoteTable, Timeline, find_key

CANDIDATES: Final = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """How many seeds were asked about, and the share of them, 0–1, whose true continuation the model held likeliest."""

    asked: int
    right: float


def choose_true(generator: NoteEventGenerator, passages: Sequence[Passage], style: str = "", seed_number: int = 1) -> Choice:
    """Ask for each of ``passages`` which of four continuations is its own, by nats a note. Chance gives a quarter.

    The other three come from other pieces of the same metre, moved to the key of the seed. Passages for which there are not
    three are left out.

    Raises:
        ModelError: the model does not know ``style``, or ONNX Runtime refuses.
    """
    random = np.random.default_rng(seed_number)
    trials = [trial for number in range(len(passages)) if (trial := _trial(passages, number, random))]
    pieces = [piece for trial, _ in trials for piece in trial]
    costs = iter(score_notes(generator.session, pieces, generator.style_class(style)))
    right = 0
    for candidates, heard in trials:
        nats = [float(next(costs)[heard:, :3].sum(axis=1).mean()) for _ in candidates]
        right += int(np.argmin(nats) == 0)
    return Choice(len(trials), right / max(len(trials), 1))


def _trial(passages: Sequence[Passage], number: int, random: np.random.Generator) -> tuple[list[Piece], int] | None:
    """The seed with its own continuation and with three others, and how many notes the seed has."""
    own = passages[number]
    key = find_key(own.seed)
    others = [p for index, p in enumerate(passages) if index != number and _metre(p) == _metre(own)]
    if key is None or len(others) < CANDIDATES - 1:
        return None
    chosen = [others[index] for index in random.permutation(len(others))]
    moved = [there for other in chosen if (there := _moved(other, own, key.key.tonic)) is not None][: CANDIDATES - 1]
    if len(moved) < CANDIDATES - 1:
        return None
    pieces = [_joined(own, table) for table in (own.real, *moved)]
    return pieces, len(on_grid([own.seed]))


def _metre(passage: Passage) -> Metre:
    return passage.timeline.metre_at(passage.span[0])


def _moved(other: Passage, own: Passage, tonic: int) -> NoteTable | None:
    """What follows in another piece, at the place and in the key of this one; None where no key is heard there."""
    key = find_key(other.seed)
    if key is None:
        return None
    up = (tonic - key.key.tonic + 6) % 12 - 6
    real = other.real
    pitch = real.pitch + up
    start = real.start - other.span[0] + own.span[0]
    inside = (pitch >= 0) & (pitch < 128) & (start < own.span[1])
    return NoteTable.from_columns(start[inside], real.length[inside], pitch[inside], real.velocity[inside])


def _joined(own: Passage, continuation: NoteTable) -> Piece:
    seed, after = on_grid([own.seed]), on_grid([continuation])
    columns = zip(*((n.onset, n.pitch, n.length, n.velocity) for n in (seed, after)), strict=True)
    notes = GridNotes(*(np.concatenate(pair) for pair in columns))
    timeline: Timeline = own.timeline
    origin = timeline.bar_start(timeline.bar_at(int(own.seed.start[0]))) // STEP_TICKS
    notes = notes.moved(-origin)
    return Piece(notes, BarGrid.of(timeline, origin, notes.end + 1), origin)


def shares(choices: Iterable[Choice]) -> Choice:
    """Several choices as one."""
    made = list(choices)
    asked = sum(choice.asked for choice in made)
    return Choice(asked, sum(choice.right * choice.asked for choice in made) / max(asked, 1))
