"""How well a word model foresees music: nats a word, by teacher forcing through the very graph that generates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.chord_context import Heard, hear
from musegen_app.encoding.chord_tokens import END, PITCHES, Vocabulary, Words, heard_notes, spelled
from musegen_app.encoding.context import BarGrid
from musegen_app.encoding.drums import DRUMS
from musegen_app.encoding.note_events import LENGTHS
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.generate.chord_session import ChordSession, State, neutral_inputs
from musegen_app.score import Score

_LANES = 64
_END_ROW = (END, 0, 0, 0)


@dataclass(frozen=True)
class WordPiece:
    """A score as words, and its bars from step 0 (the bar line at or before the first note) to the end."""

    words: Words
    bars: BarGrid


def targets(words: Words) -> npt.NDArray[np.int64]:
    """What follows the begin mark and each word: int64 (words + 1, 4), the end last."""
    rows = np.stack([words.root, words.shape, words.length, words.step], axis=1)
    return np.concatenate([rows, [_END_ROW]])


def word_piece(score: Score, vocabulary: Vocabulary) -> WordPiece | None:
    """The words of what ``vocabulary`` is of in ``score``, or None if there is no such note."""
    notes = heard_notes(score, vocabulary.instrument)
    if not len(notes):
        return None
    origin = bar_line_before(score.timeline, int(notes.onset[0]))
    moved = notes.moved(-origin)
    words = vocabulary.encode(spelled(moved, rings=vocabulary.instrument == DRUMS))
    return WordPiece(words, BarGrid.of(score.timeline, origin, moved.end + 1))


@dataclass(frozen=True, slots=True)
class Foresight:
    """Summed nats of root, shape, length and step over ``words`` words (the end of each piece is one) with ``notes``.

    ``widths`` is what it would cost to tell long lengths exactly, ``unknown`` counts words heard as others.
    """

    nats: npt.NDArray[np.float64]
    widths: float
    words: int
    notes: int
    unknown: int


class _Lane:
    def __init__(self, piece: WordPiece, vocabulary: Vocabulary) -> None:
        self.heard: Heard = hear(piece.words, vocabulary, piece.bars)
        self.sounds = self.heard.sounds
        self.targets = targets(piece.words)
        self.row = 0


def foresee(session: ChordSession, scores: Iterable[Score]) -> Foresight:
    """Let the model foresee each of ``scores`` from its beginning to its end, without masks.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    vocabulary = session.vocabulary
    pieces = [piece for piece in (word_piece(score, vocabulary) for score in scores) if piece is not None]
    waiting = sorted(pieces, key=lambda piece: len(piece.words))  # the longest first, from the end
    lanes: list[_Lane] = []
    state, nats = session.empty_state(0), np.zeros(4)
    while lanes or waiting:
        begun = [_Lane(waiting.pop(), vocabulary) for _ in range(min(_LANES - len(lanes), len(waiting)))]
        lanes += begun
        state = tuple(np.concatenate(parts, axis=1) for parts in zip(state, session.empty_state(len(begun)), strict=True))
        state, cost = _hear(session, lanes, state)
        nats += cost
        left = [number for number, lane in enumerate(lanes) if lane.row < len(lane.targets)]
        if len(left) < len(lanes):
            lanes, state = [lanes[number] for number in left], tuple(part[:, left] for part in state)
    words = sum(len(piece.words) + 1 for piece in pieces)
    notes = sum(_struck(piece.words, vocabulary) for piece in pieces)
    widths = sum(_widths(piece.words) for piece in pieces)
    return Foresight(nats, widths, words, notes, sum(piece.words.unknown for piece in pieces))


def _hear(session: ChordSession, lanes: Sequence[_Lane], state: State) -> tuple[State, npt.NDArray[np.float64]]:
    """Let every lane hear its next row; what their next words cost."""
    target = np.stack([lane.targets[lane.row] for lane in lanes], axis=1)
    inputs = neutral_inputs(len(lanes)) | {
        "word": np.stack([lane.heard.word[lane.row] for lane in lanes])[None],
        "place": np.stack([lane.heard.place[lane.row] for lane in lanes])[None],
        "sounds": np.stack([lane.sounds[lane.row] for lane in lanes])[None],
        "given": target,
    }
    answer = session.step(inputs, state)
    for lane in lanes:
        lane.row += 1
    return answer.state, answer.costs(*target).sum(axis=1)


def _widths(words: Words) -> float:
    return float(LENGTHS.log_width[words.length[words.root < PITCHES]].sum())


def _struck(words: Words, vocabulary: Vocabulary) -> int:
    sizes = np.array([len(shape) for shape in vocabulary.shapes])
    return int(sizes[words.shape[words.root < PITCHES]].sum())
