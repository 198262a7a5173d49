"""What a note-event model expects at a place: the note that would come next, and what one note could have been.

Both hear up to :data:`~musegen_app.generate.priming.SEED_NOTES` notes before the place in one call and look from there, as a
continuation does; all steps at which a note may be struck are lanes of a second call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.context import AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION, BarGrid, ContextTracker
from musegen_app.encoding.note_events import END, NO_VELOCITY, ONSETS, PITCHES, STEP_TICKS, GridNotes, on_grid
from musegen_app.encoding.pieces import bar_line_before
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.insight import ALTERNATIVES, Alternatives, Candidate, Coming, Floats, Hearing, Ints
from musegen_app.generate.priming import SEED_NOTES, given_inputs, neutral_inputs, rows_of
from musegen_app.generate.session import NoteSession, State
from musegen_app.score import Note, NoteTable, Timeline

_ANY_PITCH: Final = -1
_FARTHEST: Final = 384
"""Steps that are looked at, at most: sixteen quarters."""


@dataclass(frozen=True)
class _Past:
    """The model after it heard ``notes``, which count from step ``origin``, a bar line."""

    notes: GridNotes
    bars: BarGrid
    origin: int
    style: int
    state: State
    onset_log_probs: Floats

    @property
    def last(self) -> int:
        """Step of the last onset; the origin where there is none."""
        return int(self.notes.onset[-1]) if len(self.notes) else 0


def _past(session: NoteSession, style: int, before: GridNotes, timeline: Timeline, places: tuple[int, int]) -> _Past:
    """Hear the notes ``before`` some places: steps from the first up to the second."""
    kept = before.rows(slice(max(len(before) - SEED_NOTES, 0), None))
    origin = bar_line_before(timeline, int(kept.onset[0]) if len(kept) else places[0])
    notes = kept.moved(-origin)
    bars = BarGrid.of(timeline, origin, max(places[1] - origin, notes.end) + 1)
    rows = given_inputs(notes, bars, has_velocity=notes.has_velocity, style=style)
    rows = rows if len(kept) == len(before) else rows | rows_of(rows, slice(1, None))
    heard = session.step(rows, session.empty_state(1))
    return _Past(notes, bars, origin, style, heard.state, heard.log_probs[3][0].astype(np.float64))


def _pitch_log_probs(session: NoteSession, past: _Past, at: Ints, floor: int) -> npt.NDArray[np.float64]:
    """Log-probabilities of the pitches above ``floor``, were a note struck at each of the steps ``at``: (steps, 128)."""
    lanes = len(at)
    tracker = ContextTracker.after(past.notes, past.bars, 1)
    inputs = neutral_inputs(lanes)
    classes = np.zeros((lanes, STYLE + 1), dtype=np.int64)
    sounds = np.empty((lanes, SOUND_WIDTH), dtype=np.float32)
    arrival = ONSETS.classes(at - past.last).tolist()
    for row, (step, way) in enumerate(zip(at.tolist(), arrival, strict=True)):
        tracker.look([step], [way], classes[row : row + 1], sounds[row : row + 1])
    classes[:, TRANSPOSITION], classes[:, STYLE] = AS_WRITTEN, past.style
    inputs["classes"], inputs["sounds"] = classes[None], sounds[None]
    inputs["given"] = np.full((3, 1, lanes), -1, dtype=np.int64)
    if not past.notes.has_velocity:
        inputs["given"][2] = NO_VELOCITY
    inputs["floor"][:] = floor
    inputs["references"] = np.repeat(tracker.references, lanes, axis=0)
    state = tuple(np.repeat(part, lanes, axis=1) for part in past.state)
    return session.step(inputs, state).log_probs[0].astype(np.float64)


def coming_at(session: NoteSession, style: int, hearing: Hearing, at_tick: int) -> Coming:
    """See :meth:`musegen_app.generate.insight.Insightful.coming`; ``style`` is the model's class of it.

    Raises:
        InputError: the scale and the range have no common pitch.
        ModelError: ONNX Runtime refuses.
    """
    mask = pitch_mask(hearing.key, hearing.pitch_range)
    start = -(-at_tick // STEP_TICKS)
    end = start + min(hearing.timeline.metre_at(start * STEP_TICKS).bar_ticks // STEP_TICKS, _FARTHEST)
    notes = on_grid([_begun(hearing.notes, at_tick)])
    notes = GridNotes(np.minimum(notes.onset, start - 1), notes.pitch, notes.length, notes.velocity)
    past = _past(session, style, notes, hearing.timeline, (start, end))
    at = np.arange(start, end) - past.origin
    pitch = np.exp(_pitch_log_probs(session, past, at, _ANY_PITCH)) * mask
    total = pitch.sum(axis=1, keepdims=True)
    pitch = np.divide(pitch, total, out=np.zeros_like(pitch), where=total > 0)
    return Coming(start * STEP_TICKS, _onsets(past, at), pitch)


def _begun(notes: NoteTable, tick: int) -> NoteTable:
    return notes.take(notes.starting_in(0, tick))


def _onsets(past: _Past, at: Ints) -> Floats:
    """Probability that the next onset is at each of the steps ``at``, which follow each other, if none came before them."""
    each = np.exp(past.onset_log_probs[:END] - ONSETS.log_width)[ONSETS.classes(np.arange(ONSETS.longest + 1))]
    soonest = min(int(at[0]) - past.last, ONSETS.longest + 1 - len(at))  # beyond the longest rest the model knows, as there
    left = float(each[soonest:].sum() + np.exp(past.onset_log_probs[END]))
    found: Floats = each[soonest : soonest + len(at)] / max(left, 1e-30)
    return found


def alternatives_to(session: NoteSession, style: int, hearing: Hearing, note: Note) -> Alternatives:
    """See :meth:`musegen_app.generate.insight.Insightful.alternatives`; ``style`` is the model's class of it.

    In a chord pitches ascend, so what lies below the note before it is not offered, nor is a pitch that sounds anyway while
    the note does.

    Raises:
        InputError: the scale and the range have no common pitch.
        ModelError: ONNX Runtime refuses.
    """
    allowed = pitch_mask(hearing.key, hearing.pitch_range)
    allowed[_doubled(hearing.notes, note)] = False
    allowed[note.pitch] = True
    step = (note.start + STEP_TICKS // 2) // STEP_TICKS
    notes = on_grid(
        [_before(hearing.notes, step * PITCHES + note.pitch), NoteTable.of([note])]
    )  # it ends those of its pitch
    past = _past(session, style, notes.rows(slice(0, -1)), hearing.timeline, (step, step + 1))
    at = step - past.origin
    floor = int(past.notes.pitch[-1]) if len(past.notes) and past.last == at else _ANY_PITCH
    chances = np.exp(_pitch_log_probs(session, past, np.array([at]), floor)[0]) * allowed
    chances /= max(float(chances.sum()), 1e-30)
    order = [int(pitch) for pitch in np.argsort(-chances, kind="stable") if chances[pitch] > 0 and pitch != note.pitch]
    others = tuple(Candidate(pitch, float(chances[pitch])) for pitch in order[:ALTERNATIVES])
    return Alternatives(note, Candidate(note.pitch, float(chances[note.pitch])), others)


def _before(notes: NoteTable, place: int) -> NoteTable:
    """The notes before a place on the grid, counted by onset and pitch."""
    return notes.take((notes.start + STEP_TICKS // 2) // STEP_TICKS * PITCHES + notes.pitch < place)


def _doubled(notes: NoteTable, note: Note) -> Ints:
    """Pitches of other notes that sound while ``note`` does."""
    rows = notes.overlapping(note.start, note.end)
    return notes.pitch[rows[notes.id[rows] != note.id]]
