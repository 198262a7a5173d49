"""Which is the true continuation? A seed, what really follows, and the same bars of three other pieces in its key.

What a continuation costs says first of all how simple it is: of four, the plainest is the likeliest, whose ever it is. So
it is asked what the seed is worth to it: how many nats fewer its notes cost after the seed than by themselves (their mutual
information, as an author asked for replies that fit instead of ones that always do: Li et al. 2016), by the square root of
their number, since what many notes say by chance grows so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.note_events import STEP_TICKS, GridNotes, on_grid
from musegen_app.encoding.pieces import Piece
from musegen_app.generate.comparison import Passage
from musegen_app.generate.evaluation import score_notes
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import Metre, NoteTable, Timeline, find_key

CANDIDATES: Final = 4
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """How many seeds were asked about, and for which share of them, 0–1, the true continuation was chosen.

    ``right`` by what the seed is worth to each of the four, ``likeliest`` by nats a note alone.
    """

    asked: int
    right: float
    likeliest: float


def choose_true(
    generator: NoteEventGenerator, pieces: Sequence[Sequence[Passage]], style: str = "", seed_number: int = 1
) -> Choice:
    """Ask for each passage of each of ``pieces`` which of four continuations is its own. Chance gives a quarter.

    The other three come from three other pieces of the same metre, moved to the key of the seed. Passages for which there
    are not three are left out.

    Raises:
        ModelError: the model does not know ``style``, or ONNX Runtime refuses.
    """
    random = np.random.default_rng(seed_number)
    trials = [
        trial
        for number, passages in enumerate(pieces)
        for own in passages
        if (trial := _trial(own, [*pieces[:number], *pieces[number + 1 :]], random)) is not None
    ]
    after = [_piece(own, [own.seed, table]) for own, tables in trials for table in tables]
    alone = [_piece(own, [table]) for own, tables in trials for table in tables]
    costs = score_notes(generator.session, [*after, *alone], generator.style_class(style))
    pairs = zip(costs[: len(after)], costs[len(after) :], strict=True)
    told = np.array([_told(heard, blank) for heard, blank in pairs]).reshape(len(trials), CANDIDATES, 2)
    right, likeliest = (told.argmax(axis=1) == 0).mean(axis=0) if trials else (0.0, 0.0)
    return Choice(len(trials), float(right), float(likeliest))


def _told(heard: Floats, blank: Floats) -> tuple[float, float]:
    """What the seed is worth to a continuation, and how likely its notes are after it: the higher, the better."""
    after = heard[-len(blank) :, :3].sum(axis=1)
    return float((blank[:, :3].sum() - after.sum()) / np.sqrt(len(blank))), -float(after.mean())


def _trial(
    own: Passage, others: Sequence[Sequence[Passage]], random: np.random.Generator
) -> tuple[Passage, list[NoteTable]] | None:
    """A passage and four continuations of it, its own first."""
    key = find_key(own.seed)
    alike = [same for passages in others if (same := [p for p in passages if _metre(p) == _metre(own)])]
    if key is None or len(alike) < CANDIDATES - 1:
        return None
    tables = [own.real]
    for index in random.permutation(len(alike)):
        other = alike[index][random.integers(len(alike[index]))]
        moved = _moved(other, own, key.key.tonic)
        if moved:
            tables.append(moved)
        if len(tables) == CANDIDATES:
            return own, tables
    return None


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


def _piece(own: Passage, tables: Sequence[NoteTable]) -> Piece:
    """``tables`` one after the other as a piece of their own, which begins with the bar of the first note or of the span."""
    heard = [on_grid([table]) for table in tables]
    columns = zip(*((n.onset, n.pitch, n.length, n.velocity) for n in heard), strict=True)
    notes = GridNotes(*(np.concatenate(column) for column in columns))
    timeline: Timeline = own.timeline
    begin = own.span[0] if len(tables) == 1 else int(own.seed.start[0])
    origin = timeline.bar_start(timeline.bar_at(begin)) // STEP_TICKS
    notes = notes.moved(-origin)
    return Piece(notes, BarGrid.of(timeline, origin, notes.end + 1), origin)


def shares(choices: Iterable[Choice]) -> Choice:
    """Several choices as one."""
    made = list(choices)
    asked = sum(choice.asked for choice in made)
    right, likeliest = (
        sum(getattr(choice, name) * choice.asked for choice in made) / max(asked, 1) for name in ("right", "likeliest")
    )
    return Choice(asked, right, likeliest)
