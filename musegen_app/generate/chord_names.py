"""The published word recipe at work: a window of a hundred names slid on by one, the likeliest word each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.chord_names import WINDOW, WORD_TICKS, NameVocabulary, first_part, names_of, pitches_of
from musegen_app.encoding.note_events import on_grid
from musegen_app.errors import InputError, ModelError
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.json_fields import items
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.session import load_graph
from musegen_app.score import DEFAULT_VELOCITY, Note, NoteTable, Score

Floats32 = npt.NDArray[np.float32]
_LANES: Final = 64


class NameSession:
    """The graph and the vocabulary of a published model. One thread at a time.

    Raises:
        ModelError: the graph cannot be loaded, or the manifest holds no vocabulary.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        try:
            self.vocabulary = NameVocabulary(tuple(str(name) for name in items(manifest.settings, "words")))
            self._matrix = self.vocabulary.matrix
            if not len(self._matrix):
                raise ValueError("there are no words")
        except (TypeError, ValueError) as error:
            message = f'Model "{manifest.name}" cannot be used: its vocabulary is missing or damaged.'
            raise ModelError(message, manifest.name) from error
        self._run = load_graph(manifest).run

    def log_probs(self, windows: npt.NDArray[np.int64]) -> Floats32:
        """Log-probabilities of the word after each window: ``windows`` int64 (takes, 100) to float32 (takes, words).

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        heard = heard_numbers(windows, len(self.vocabulary)).transpose(1, 0, 2)
        try:
            answer: Floats32 = self._run(["log_probs"], {"heard": np.ascontiguousarray(heard)})[0]
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._manifest.name}" failed while drawing a word.', self._manifest.name) from error
        return answer

    def allowed(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Words whose pitches all lie within ``mask``: bool (words,)."""
        outside = np.count_nonzero(self._matrix & ~mask, axis=1)
        return np.asarray(outside == 0)


def heard_numbers(windows: npt.NDArray[np.int64], words: int) -> Floats32:
    """The published input: each word's number divided by the vocabulary's size, float32 (takes, 100, 1)."""
    return (windows.astype(np.float32) / np.float32(words))[..., None]


def full_window(numbers: Sequence[int]) -> list[int]:
    """The last hundred of ``numbers``; fewer come over and over again until there are a hundred, none are all word 0.

    The recipe starts from a hundred words of its data and says nothing of shorter seeds.
    """
    if not numbers:
        return [0] * WINDOW
    times = -(-WINDOW // len(numbers))
    return (list(numbers) * times)[-WINDOW:]


def seed_names(request: GenerateRequest) -> list[str]:
    """The words of the seed's notes before the continuation."""
    notes = request.notes
    start = request.span[0]
    rows = notes.start < start
    heard = NoteTable.from_columns(notes.start[rows], notes.length[rows], notes.pitch[rows], notes.velocity[rows])
    return names_of(on_grid([heard]))


def continued(session: NameSession, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
    """Continue as published: no chance is involved, so all takes are the same.

    The one thing that is ours: words outside the scale or the range are never taken.

    Raises:
        InputError: the request is a fill, or no word of the model lies within the scale and the range.
    """
    if request.until_tick is not None:
        raise InputError("A word model only continues; choose a model that fills gaps.")
    allowed = session.allowed(pitch_mask(request.key, request.pitch_range))
    if not allowed.any():
        raise InputError("No word that this model knows lies within the scale and the range; widen them.")
    numbers, _ = session.vocabulary.numbers(seed_names(request))
    return _drawn(session, request, allowed, full_window(numbers), cancelled)


def _drawn(
    session: NameSession,
    request: GenerateRequest,
    allowed: npt.NDArray[np.bool_],
    window: list[int],
    cancelled: Callable[[], bool],
) -> Iterator[GeneratedNote]:
    velocity = int(np.median(request.notes.velocity)) if request.notes else DEFAULT_VELOCITY
    begin, end = request.span
    for start in range(begin, end, WORD_TICKS):
        if cancelled():
            return
        log_probs = session.log_probs(np.array([window]))[0]
        word = int(np.where(allowed, log_probs, -np.inf).argmax())
        window = [*window[1:], word]
        pitches = pitches_of(session.vocabulary.names[word])
        told = float(log_probs[word]) / len(pitches)
        for take in range(request.takes):
            for pitch in pitches:
                if cancelled():
                    return
                note = Note(start, min(WORD_TICKS, end - start), pitch, velocity)
                yield GeneratedNote(request.id, take, note, told)


def piece_numbers(score: Score, vocabulary: NameVocabulary) -> list[int]:
    """The first part of ``score`` as numbers of words, unknown ones as the nearest."""
    return vocabulary.numbers(names_of(first_part(score)))[0]


def foresee_names(session: NameSession, scores: Iterable[Score], most: int) -> tuple[float, int]:
    """Nats a word, and the words: of up to ``most`` words that have a hundred before them, spread over ``scores``."""
    pieces = [numbers for score in scores if len(numbers := piece_numbers(score, session.vocabulary)) > WINDOW]
    places = [(piece, at) for piece, numbers in enumerate(pieces) for at in range(WINDOW, len(numbers))]
    chosen = [places[k] for k in np.unique(np.linspace(0, len(places) - 1, min(most, len(places))).astype(int))]
    total = 0.0
    for begin in range(0, len(chosen), _LANES):
        lanes = chosen[begin : begin + _LANES]
        windows = np.array([pieces[piece][at - WINDOW : at] for piece, at in lanes], dtype=np.int64)
        targets = [pieces[piece][at] for piece, at in lanes]
        total -= float(session.log_probs(windows)[np.arange(len(lanes)), targets].sum())
    return total / max(len(chosen), 1), len(chosen)
