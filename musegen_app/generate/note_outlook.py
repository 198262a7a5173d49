"""What a note-event model expects next: when, and at which pitch.

It hears up to :data:`~musegen_app.generate.memory.HEARD_NOTES` notes before the place in one call and looks from there, as a
continuation does; all steps at which a note may be struck are lanes of a second call.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Final

import numpy as np

from musegen_app.encoding.context import AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION
from musegen_app.encoding.note_events import END, NO_VELOCITY, ONSETS, STEP_TICKS, GridNotes, on_grid
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.foresight import Foresight
from musegen_app.generate.insight import Coming, Floats, Hearing, Ints
from musegen_app.generate.note_past import Past
from musegen_app.generate.priming import BY_ROW, neutral_inputs
from musegen_app.generate.session import NoteSession

_FARTHEST: Final = 384
"""Steps that are looked at, at most: sixteen quarters."""


def coming_at(session: NoteSession, style: int, hearing: Hearing, at_tick: int) -> Coming:
    """See :meth:`musegen_app.generate.insight.Insightful.coming`; ``style`` is the model's class of it.

    Raises:
        InputError: the scale and the range have no common pitch.
        ModelError: ONNX Runtime refuses.
    """
    mask = pitch_mask(hearing.key, hearing.pitch_range)
    start = -(-at_tick // STEP_TICKS)
    end = start + min(hearing.timeline.metre_at(start * STEP_TICKS).bar_ticks // STEP_TICKS, _FARTHEST)
    notes = on_grid([hearing.notes.take(hearing.notes.starting_in(0, at_tick))])
    notes = GridNotes(np.minimum(notes.onset, start - 1), notes.pitch, notes.length, notes.velocity)
    foresight = Foresight.of(hearing.request)
    foresight = foresight if foresight and foresight.covers(at_tick) else None
    past = Past.heard(session, style, notes, hearing.timeline, (start, end), foresight)
    at = np.arange(start, end) - past.origin
    pitch = np.exp(pitch_log_probs(session, past, at)) * mask
    total = pitch.sum(axis=1, keepdims=True)
    pitch = np.divide(pitch, total, out=np.zeros_like(pitch), where=total > 0)
    return Coming(start * STEP_TICKS, _onsets(past, at), pitch)


def pitch_log_probs(session: NoteSession, past: Past, at: Ints) -> Floats:
    """Log-probabilities of the pitches, float64 (steps, 128), were a note struck at each of the steps ``at``.

    Raises:
        ModelError: ONNX Runtime refuses.
    """
    lanes = len(at)
    around = past.surroundings(1)
    inputs = neutral_inputs(lanes)
    classes = np.zeros((lanes, STYLE + 1), dtype=np.int64)
    sounds = np.empty((lanes, SOUND_WIDTH), dtype=np.float32)
    arrival = ONSETS.classes(at - past.last).tolist()
    told = [
        deepcopy(around.look([step], [way], classes[row : row + 1], sounds[row : row + 1]))
        for row, (step, way) in enumerate(zip(at.tolist(), arrival, strict=True))
    ]
    classes[:, TRANSPOSITION], classes[:, STYLE] = AS_WRITTEN, past.style
    inputs["classes"], inputs["sounds"] = classes[None], sounds[None]
    inputs["given"] = np.full((3, 1, lanes), -1, dtype=np.int64)
    if not past.notes.has_velocity:
        inputs["given"][2] = NO_VELOCITY
    inputs |= {name: np.concatenate([row[name] for row in told], axis=int(name in BY_ROW)) for name in told[0]}
    inputs = past.foreseeing(inputs, at, np.full(lanes, -1))
    state = tuple(np.repeat(part, lanes, axis=1) for part in past.state)
    return session.step(inputs, state).log_probs[0].astype(np.float64)


def _onsets(past: Past, at: Ints) -> Floats:
    """Probability that the next onset is at each of the steps ``at``, which follow each other, if none came before them."""
    each = np.exp(past.onset_log_probs[:END] - ONSETS.log_width)[ONSETS.classes(np.arange(ONSETS.longest + 1))]
    soonest = min(int(at[0]) - past.last, ONSETS.longest + 1 - len(at))  # beyond the longest rest the model knows, as there
    left = float(each[soonest:].sum() + np.exp(past.onset_log_probs[END]))
    found: Floats = each[soonest : soonest + len(at)] / max(left, 1e-30)
    return found
