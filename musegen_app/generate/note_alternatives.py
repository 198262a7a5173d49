"""What one note could have been to a note-event model, given all before it and the rest of its chord.

The model writes chords from the bottom up, so what it holds of a pitch in the midst of one says little. Here the whole chord
is scored with each pitch in the note's place: p(pitch | past, rest) is in proportion to p(chord with it | past), the lengths
being as they are. For a note alone that is the plain probability of its pitch.
"""

from __future__ import annotations

import numpy as np

from musegen_app.encoding.context import AS_WRITTEN, SOUND_WIDTH, STYLE, TRANSPOSITION
from musegen_app.encoding.note_events import (
    LENGTHS,
    NO_VELOCITY,
    ONSETS,
    STEP_TICKS,
    GridNotes,
    on_grid,
    velocity_classes,
)
from musegen_app.generate.constraints import pitch_mask
from musegen_app.generate.foresight import Foresight
from musegen_app.generate.insight import ALTERNATIVES, Alternatives, Candidate, Floats, Hearing, Ints
from musegen_app.generate.note_outlook import pitch_log_probs
from musegen_app.generate.note_past import Past
from musegen_app.generate.priming import neutral_inputs
from musegen_app.generate.session import Inputs, NoteSession
from musegen_app.generate.surroundings import Surroundings
from musegen_app.score import Note, NoteTable


def alternatives_to(session: NoteSession, style: int, hearing: Hearing, note: Note) -> Alternatives:
    """See :meth:`musegen_app.generate.insight.Insightful.alternatives`; ``style`` is the model's class of it.

    A pitch that sounds anyway while the note does is not offered.

    Raises:
        InputError: the scale and the range have no common pitch.
        ModelError: ONNX Runtime refuses.
    """
    allowed = pitch_mask(hearing.key, hearing.pitch_range)
    allowed[_doubled(hearing.notes, note)] = False
    allowed[note.pitch] = True
    pitches = np.flatnonzero(allowed)
    nats = _log_probs(session, style, hearing, note, pitches)
    chances = np.exp(nats - nats.max())
    chances /= chances.sum()
    order = [row for row in np.argsort(-chances, kind="stable").tolist() if chances[row] > 0 and pitches[row] != note.pitch]
    others = tuple(Candidate(int(pitches[row]), float(chances[row])) for row in order[:ALTERNATIVES])
    own = int(np.searchsorted(pitches, note.pitch))
    return Alternatives(note, Candidate(note.pitch, float(chances[own])), others)


def _doubled(notes: NoteTable, note: Note) -> Ints:
    """Pitches of other notes that sound while ``note`` does."""
    rows = notes.overlapping(note.start, note.end)
    found: Ints = notes.pitch[rows[notes.id[rows] != note.id]]
    return found


def _log_probs(session: NoteSession, style: int, hearing: Hearing, note: Note, pitches: Ints) -> Floats:
    """Log-probabilities of the pitches in the note's place, up to a number that all share."""
    table = hearing.notes
    step, steps = _step(note.start), (table.start + STEP_TICKS // 2) // STEP_TICKS
    others = table.id != note.id
    notes = on_grid(
        [table.take((steps <= step) & others), NoteTable.of([note])]
    )  # what is struck ends what it strikes again
    is_earlier = notes.onset < step
    foresight = Foresight.of(hearing.request) if note.id < 0 else None
    past = Past.heard(session, style, notes.rows(is_earlier), hearing.timeline, (step, step + 1), foresight)
    chord = notes.rows(~is_earlier)
    if len(chord) == 1:
        alone: Floats = pitch_log_probs(session, past, np.array([step - past.origin]))[0, pitches]
        return alone
    return _score_chords(session, past, chord, *_chords(chord, note.pitch, pitches))


def _step(tick: int) -> int:
    return (tick + STEP_TICKS // 2) // STEP_TICKS


def _chords(chord: GridNotes, own: int, pitches: Ints) -> tuple[Ints, Ints]:
    """The chord with each of ``pitches`` in the place of its ``own``, ascending, and which of its notes is where.

    Both int64 (notes, chords).
    """
    pitch = np.repeat(chord.pitch[:, None], len(pitches), axis=1)
    pitch[int(np.searchsorted(chord.pitch, own))] = pitches
    order = np.argsort(pitch, axis=0)
    return np.take_along_axis(pitch, order, axis=0), order


def _score_chords(session: NoteSession, past: Past, chord: GridNotes, pitch: Ints, order: Ints) -> Floats:
    """Log-probability of each chord's pitches and of their being struck together: float64 (chords,)."""
    count, lanes = pitch.shape
    at = [int(chord.onset[0]) - past.origin] * lanes
    around = past.surroundings(lanes)
    state = tuple(np.repeat(part, lanes, axis=1) for part in past.state)
    total, rows = np.zeros(lanes), np.arange(lanes)
    for place in range(count):
        way = int(ONSETS.classes(at[0] - past.last)) if place == 0 else 0
        lengths = chord.length[order[place]]
        inputs = _inputs(around, at, way, past.style)
        velocity = velocity_classes(chord.velocity[order[place]]) if past.notes.has_velocity else np.full(lanes, NO_VELOCITY)
        inputs["given"] = np.stack([pitch[place], LENGTHS.classes(lengths), velocity])[:, None]
        floor = pitch[place - 1] if place else np.full(lanes, -1)
        if place:
            inputs["floor"] = floor
        inputs = past.foreseeing(inputs, np.array(at), floor)
        heard = session.step(inputs, state)
        total += heard.log_probs[0][rows, pitch[place]]
        if place < count - 1:
            total += heard.log_probs[3][:, 0]
        around.add(pitch[place].tolist(), lengths.tolist())
        state = heard.state
    return total


def _inputs(around: Surroundings, at: list[int], way: int, style: int) -> Inputs:
    """What the graph is told of the moment, a lane a take of those it surrounds."""
    lanes = len(at)
    classes = np.zeros((lanes, STYLE + 1), dtype=np.int64)
    sounds = np.empty((lanes, SOUND_WIDTH), dtype=np.float32)
    told = around.look(at, [way] * lanes, classes, sounds)
    classes[:, TRANSPOSITION], classes[:, STYLE] = AS_WRITTEN, style
    return neutral_inputs(lanes) | told | {"classes": classes[None], "sounds": sounds[None]}
