"""Continue a seed word by word: all takes as one batch, masks never violated, no note struck while it sounds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.chord_context import PITCH_CLASSES, SOUND_WIDTH, Heard, Listener, hear, marks, places
from musegen_app.encoding.chord_tokens import END, NO_LENGTH, REST, STEPS, Shape, Words, as_heard, spelled
from musegen_app.encoding.drums import DRUMS
from musegen_app.encoding.note_events import GRID, LENGTHS, STEP_TICKS
from musegen_app.errors import InputError
from musegen_app.generate.chord_session import Answer, ChordSession, Inputs, State, neutral_inputs
from musegen_app.generate.constraints import Mask, pitch_mask
from musegen_app.generate.loops import LOOP_TEMPERATURE, LoopGuard
from musegen_app.generate.priming import Seed
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.sampling import Uniforms
from musegen_app.score import Note

_log = logging.getLogger(__name__)

ARGMAX: Final = "argmax"
"""Control: take the likeliest word each time, as the published recipe did."""
_SURELY: Final = 1e-6  # a top-p that only the likeliest is left of
_TIME_SHARPNESS: Final = 0.95


def seed_words(session: ChordSession, seed: Seed) -> Words:
    """The words of ``seed`` up to where its continuation begins, as far as the model knows them."""
    vocabulary = session.vocabulary
    notes = as_heard(seed.notes, vocabulary.instrument)
    return vocabulary.encode(spelled(notes, seed.start, rings=vocabulary.instrument == DRUMS))


class _Take:
    """One take as it grows: where its next word lies, what it has heard, and what surrounds it."""

    def __init__(self, number: int, start: int, heard: Heard, temperature: float) -> None:
        self.number, self.at, self.temperature = number, start, temperature
        self.listener: Listener = heard.listener.copy()
        self.row: list[int] = heard.word[-1].tolist()
        self.struck: Shape = ()
        self.has_struck = self.is_over = False
        self.waiting = 0.0  # nats of rests that no note has told yet
        self.guard = LoopGuard()
        self.avoided: int | None = None
        self.sounding: list[int] = []


class WordContinuation:
    """One request being answered. Iterate :meth:`notes` once, on one thread.

    The notes are as loud as the seed on such places: words tell no velocity. With the control ``argmax`` the likeliest word
    is taken each time, and nobody breaks the loop that this ends in.

    Raises:
        InputError: the request is a fill; or the scale and the range have no common pitch, or none that the model knows.
    """

    def __init__(self, session: ChordSession, request: GenerateRequest) -> None:
        if request.until_tick is not None:
            raise InputError("A word model only continues; choose a model that fills gaps.")
        self._session, self._request = session, request
        self._is_drums = session.vocabulary.instrument == DRUMS
        self._mask = pitch_mask(request.key, request.pitch_range)
        if self._is_drums and not (~(session.vocabulary.matrix[:-1] & ~self._mask).any(axis=1)).any():
            raise InputError("This model knows no drum within the pitches that are allowed; widen the range.")
        self._seed = seed = Seed.of(request)
        self._dynamics = seed.dynamics(request.timeline)
        self._argmax = request.control(ARGMAX, 0.0) >= 0.5
        bar = int(seed.bars.length[seed.start])
        self._patience = seed.start + max(min(bar, seed.end - seed.start) - GRID, 0)
        self._uniforms = Uniforms(request.seed_number, request.takes)

    def notes(self, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Draw notes until every take has reached the end of its span, or until ``cancelled`` says so before a note."""
        if cancelled():
            return
        heard, state = self._hear_seed()
        takes = [
            _Take(number, self._seed.start, heard, self._request.sampling.temperature)
            for number in range(self._request.takes)
        ]
        inputs: Inputs = {
            "word": np.repeat(heard.word[None, -1:], len(takes), axis=1),
            "place": np.repeat(heard.place[None, -1:], len(takes), axis=1),
            "sounds": np.repeat(heard.sounds[None, -1:], len(takes), axis=1),
        }
        state = tuple(np.repeat(part, len(takes), axis=1) for part in state)
        while takes and not cancelled():
            answer = self._session.step(inputs | self._choices(takes), state)
            for note in self._drawn(takes, answer):
                if cancelled():
                    return
                yield note
            rows = [row for row, take in enumerate(takes) if not take.is_over]
            state = answer.state
            if len(rows) < len(takes):
                self._uniforms.only(rows)
                takes = [takes[row] for row in rows]
                state = tuple(np.ascontiguousarray(part[:, rows]) for part in state)
            inputs = self._heard(takes)

    def _hear_seed(self) -> tuple[Heard, State]:
        """The seed's words, and the state after all of them but the last."""
        words = seed_words(self._session, self._seed)
        heard = hear(words, self._session.vocabulary, self._seed.bars)
        first = 0 if self._seed.is_whole or len(heard) == 1 else 1
        state = self._session.empty_state(1)
        if len(heard) - first > 1:
            rows = slice(first, -1)
            given: Inputs = {
                "word": heard.word[rows, None],
                "place": heard.place[rows, None],
                "sounds": heard.sounds[rows, None],
            }
            state = self._session.step(given | neutral_inputs(1), state).state
        return heard, state

    def _heard(self, takes: list[_Take]) -> Inputs:
        """The last word of each take with its surroundings, as the graph wants it."""
        bars = self._seed.bars
        at = np.array([take.at for take in takes], dtype=np.int64)
        sounds = np.zeros((len(takes), SOUND_WIDTH), dtype=np.float32)
        for row, take in zip(sounds, takes, strict=True):
            row[marks(0, take.struck, take.listener, take.at, int(bars.length[take.at]))] = 1.0
            row[-PITCH_CLASSES:] = take.listener.chroma
        return {
            "word": np.array([[take.row for take in takes]], dtype=np.int64).reshape(1, -1, 4),
            "place": places(at, bars)[None],
            "sounds": sounds[None],
        }

    # --- what may come ------------------------------------------------------------------------------------------------

    def _choices(self, takes: list[_Take]) -> Inputs:
        """Masks, numbers and temperatures for the next word of each take."""
        inputs, sampling = neutral_inputs(len(takes)), self._request.sampling
        for row, take in enumerate(takes):
            take.sounding = take.listener.sounding(take.at)
            self._allow(take, inputs["free"][row], inputs["root_allowed"][row], inputs["step_allowed"][row])
        inputs["temperature"][:, 0] = [take.temperature for take in takes]
        inputs["time_temperature"][:] = sampling.temperature * _TIME_SHARPNESS
        inputs["top_p"][:] = _SURELY if self._argmax else sampling.top_p
        inputs["min_p"][:] = sampling.min_p
        inputs["uniforms"] = self._uniforms.next()
        return inputs

    def _allow(self, take: _Take, free: Mask, roots: Mask, steps: Mask) -> None:
        """Fill the masks of one take: free pitches, roots, and times to the word after."""
        seed = self._seed
        free[:] = self._mask
        if self._is_drums:
            roots[:REST] = False
            roots[0], steps[0] = True, False
        else:
            free[take.sounding] = False
            roots[:REST] = free
        floor = take.row[0] if take.row[3] == 0 else -1
        self._break_loop(take, roots, floor)
        can_strike = bool(roots[floor + 1 : REST].any())
        must_strike = can_strike and not take.has_struck and take.at >= self._patience
        roots[REST] = not must_strike and floor < 0
        roots[END] = take.has_struck and take.at >= seed.last_bar and floor < 0
        if take.at < seed.last_bar:
            steps[max(seed.end - take.at, 2) :] = False
        if not can_strike:
            steps[0] = False

    @staticmethod
    def _break_loop(take: _Take, roots: Mask, floor: int) -> None:
        """Keep a take that is caught in a loop from going on with it, where there is another way."""
        if take.avoided is None or not 0 <= take.avoided < REST or not roots[take.avoided]:
            return
        if roots[floor + 1 : REST].sum() > 1:
            roots[take.avoided] = False

    # --- what came ----------------------------------------------------------------------------------------------------

    def _drawn(self, takes: list[_Take], answer: Answer) -> Iterator[GeneratedNote]:
        """Take the drawn words in, one a take, and give out their notes in score ticks."""
        costs = answer.costs(*answer.word).sum(axis=0).tolist()
        for take, (root, shape, length, step), cost in zip(takes, answer.word.T.tolist(), costs, strict=True):
            take.waiting += cost
            if root == END:
                take.is_over = True
                continue
            yield from self._struck(take, root, shape, length, step)

    def _struck(self, take: _Take, root: int, shape: int, length: int, step: int) -> Iterator[GeneratedNote]:
        seed, at = self._seed, take.at
        pitches: Shape = self._session.vocabulary.pitches(root, shape) if root < REST else ()
        held = min(int(LENGTHS.high[length]), seed.end - at)
        if self._is_drums:
            held = min(held, max(step, 1))
        if not pitches:
            shape, length = -1, NO_LENGTH
            step = max(step if take.has_struck else min(step, self._patience - at), 1)
        take.listener.strike(at, pitches, held)
        take.struck, take.row, take.at = pitches, [root, shape, length, min(step, STEPS - 1)], at + step
        take.is_over = take.at >= seed.end
        if not self._argmax:
            self._watch(take, at, root * (1 + len(self._session.vocabulary)) + shape, length)
        take.has_struck |= bool(pitches)
        told, take.waiting = (take.waiting, 0.0) if pitches else (0.0, take.waiting)
        for pitch in pitches:
            start = (seed.origin + at) * STEP_TICKS
            note = Note(start, held * STEP_TICKS, pitch, self._dynamics.at(start))
            yield GeneratedNote(self._request.id, take.number, note, -told / len(pitches))

    def _watch(self, take: _Take, at: int, word: int, length: int) -> None:
        """Look after a take that is caught in a loop: warm it up until it moves on, and in the end make it move."""
        bars, before = self._seed.bars, take.guard.bars_caught
        take.guard.heard((int(bars.number[at]), int(bars.length[at])), at, word, length)
        caught = take.guard.bars_caught
        take.temperature = self._request.sampling.temperature
        take.avoided = None
        if caught:
            take.temperature = max(take.temperature, LOOP_TEMPERATURE)
            if caught > 1 or at >= self._seed.last_bar:
                take.avoided = take.guard.coming_pitch // (1 + len(self._session.vocabulary))
            if not before:
                _log.info("Take %d repeats itself; its words are drawn more freely.", take.number + 1)
