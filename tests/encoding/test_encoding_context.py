"""The surroundings of a note: computed for a whole piece and note by note, and equal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import timelines
from test_encoding_note_events import grid_notes

from musegen_app.encoding.context import (
    AHEAD,
    ARRIVAL,
    BARS_LEFT,
    BARS_UNKNOWN,
    COPIED,
    PLANES,
    SOUND_WIDTH,
    TRANSPOSITION,
    BarGrid,
    PieceContext,
    piece_context,
)
from musegen_app.encoding.context_tracker import ContextTracker
from musegen_app.encoding.note_events import END, PITCHES, GridNotes, on_grid
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.files.midi_reader import read_midi
from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track

DATA = Path(__file__).parents[3] / "shared" / "data"


def piece(notes: GridNotes, timeline: Timeline) -> Piece:
    return Piece(notes, BarGrid.of(timeline, 0, notes.end + 1), 0)


def tracked(piece: Piece, *, already: int = 0) -> PieceContext:
    """The context as a tracker gives it that heard ``already`` notes at once and the rest one by one.

    All looks write into the same arrays, as when notes are drawn, so what does not change within a chord is left there.
    """
    notes, bars = piece.notes, piece.bars
    tracker = ContextTracker(notes.rows(slice(already)), bars, 2)
    rows = len(notes) + 1
    classes = np.zeros((rows, TRANSPOSITION), dtype=np.int64)
    sounds = np.zeros((rows, SOUND_WIDTH), dtype=np.float32)
    told = np.zeros((2, TRANSPOSITION), dtype=np.int64), np.zeros((2, SOUND_WIDTH), dtype=np.float32)
    arrival = piece_context(notes, bars).classes[:, ARRIVAL].tolist()
    first = already + 1 if already else 0
    for row in range(first, rows):
        at = int(notes.onset[row - 1]) if row else 0
        tracker.look([at] * 2, [arrival[row] if row else END] * 2, *told)
        for part, whole in zip(told, (classes, sounds), strict=True):
            np.testing.assert_array_equal(part[0], part[1])
            whole[row] = part[0]
        if row:
            tracker.add([int(notes.pitch[row - 1])] * 2, [int(notes.length[row - 1])] * 2)
    planes = sounds[:, : PLANES * PITCHES].reshape(rows, PLANES, PITCHES).astype(np.uint8)
    return PieceContext(classes, planes, sounds[:, PLANES * PITCHES :])


def assert_same_from(row: int, made: PieceContext, wanted: PieceContext) -> None:
    columns = [column for column in range(TRANSPOSITION) if column != BARS_LEFT]
    np.testing.assert_array_equal(made.classes[row:, columns], wanted.classes[row:, columns])
    np.testing.assert_array_equal(made.planes[row:], wanted.planes[row:])
    np.testing.assert_allclose(made.chroma[row:], wanted.chroma[row:], atol=1e-5)
    assert (made.classes[row:, BARS_LEFT] == BARS_UNKNOWN).all()


@given(grid_notes(), timelines(), st.data())
def test_note_by_note_the_context_is_what_it_is_at_once(notes: GridNotes, timeline: Timeline, data: st.DataObject) -> None:
    made = piece(notes, timeline)
    at_once = piece_context(made.notes, made.bars)
    assert_same_from(0, tracked(made), at_once)
    already = data.draw(st.integers(0, len(notes)))
    assert_same_from(already + 1, tracked(made, already=already), at_once)


@given(grid_notes(max_size=25), grid_notes(max_size=25), grid_notes(max_size=25), timelines())
def test_takes_that_part_from_one_past_do_not_hear_each_other(
    past: GridNotes, first: GridNotes, second: GridNotes, timeline: Timeline
) -> None:
    """One take leaves on the way."""
    begin = int(past.onset[-1]) if len(past) else 0
    futures = [future.moved(begin) for future in (first, second)]
    bars = BarGrid.of(timeline, 0, max(part.end for part in (past, *futures)) + 1)
    both, alone = ContextTracker(past, bars, 2), [ContextTracker(past, bars, 1) for _ in range(2)]
    takes = [take for take in (0, 1) if len(futures[take])]
    if len(takes) < 2:
        both.only(takes)
    arrays = {
        count: (np.zeros((count, TRANSPOSITION), np.int64), np.zeros((count, SOUND_WIDTH), np.float32)) for count in (1, 2)
    }
    for number in range(max(map(len, futures))):
        staying = [take for take in takes if number < len(futures[take])]
        if staying != takes:
            both.only([takes.index(take) for take in staying])
            takes = staying
        notes = [[int(column[number]) for column in (f.onset, f.pitch, f.length)] for f in (futures[t] for t in takes)]
        onsets, pitches, lengths = (list(column) for column in zip(*notes, strict=True))
        together = arrays[len(takes)]
        both.look(onsets, [0] * len(takes), *together)
        for row, take in enumerate(takes):
            own = np.zeros((1, TRANSPOSITION), np.int64), np.zeros((1, SOUND_WIDTH), np.float32)
            alone[take].look([onsets[row]], [0], *own)
            for made, wanted in zip(together, own, strict=True):
                np.testing.assert_array_equal(made[row], wanted[0])
            alone[take].add([pitches[row]], [lengths[row]])
        both.add(pitches, lengths)


def test_looking_ahead_is_no_striking() -> None:
    """What may come is asked at one step after the other, with nothing struck there."""
    notes = on_grid([NoteTable.of([Note(n * 960, 900, 60 + n) for n in range(8)])])
    bars = BarGrid.of(Timeline(), 0, 400)
    looking = ContextTracker(notes, bars, 1)
    for step in range(190, 260, 5):
        told, fresh = ((np.zeros((1, TRANSPOSITION), np.int64), np.zeros((1, SOUND_WIDTH), np.float32)) for _ in range(2))
        looking.look([step], [0], *told)
        ContextTracker(notes, bars, 1).look([step], [0], *fresh)
        np.testing.assert_array_equal(told[0], fresh[0])
        np.testing.assert_allclose(told[1], fresh[1], atol=1e-6)


def test_a_note_that_is_cut_short_sounds_no_longer() -> None:
    notes = on_grid([NoteTable.of([Note(0, 3840, 60)])])
    bars = BarGrid.of(Timeline(), 0, 192)
    tracker = ContextTracker(notes, bars, 2)
    told = np.zeros((2, TRANSPOSITION), np.int64), np.zeros((2, SOUND_WIDTH), np.float32)
    sounding = slice(5 * PITCHES + 60, 5 * PITCHES + 61)
    tracker.look([24, 24], [24, 24], *told)
    assert told[1][:, sounding].ravel().tolist() == [1, 1]
    tracker.hush(1, 60, 24)
    tracker.look([24, 24], [24, 24], *told)
    assert told[1][:, sounding].ravel().tolist() == [1, 0]
    assert [bool(tracker.silent(take, 30, 31)[0, 60]) for take in (0, 1)] == [False, True]
    assert tracker.next_silent(0, 24, np.arange(PITCHES) == 60) == 96
    assert tracker.next_silent(1, 24, np.arange(PITCHES) == 60) == 24


@given(grid_notes(max_size=30), timelines(), st.integers(1, 30))
def test_what_comes_later_changes_no_context(notes: GridNotes, timeline: Timeline, kept: int) -> None:
    bars = BarGrid.of(timeline, 0, notes.end + 1)
    whole, part = piece_context(notes, bars), piece_context(notes.rows(slice(kept)), bars)
    rows = len(part.classes)
    columns = [column for column in range(TRANSPOSITION) if column != BARS_LEFT]
    np.testing.assert_array_equal(whole.classes[:rows, columns], part.classes[:, columns])
    # A long note that is cut by a later one of its pitch is the one thing that could differ; the grid cut it before.
    np.testing.assert_array_equal(whole.planes[:rows], part.planes)
    np.testing.assert_array_equal(whole.chroma[:rows], part.chroma)


def test_a_bar_that_is_copied_is_seen() -> None:
    quarters = [Note(bar * 3840 + beat * 960, 960, 60 + beat) for bar in range(2) for beat in range(4)]
    made = piece(on_grid([NoteTable.of(quarters)]), Timeline())
    context = piece_context(made.notes, made.bars)
    assert context.classes[1:5, COPIED].tolist() == [0, 0, 0, 0]
    assert context.classes[5:, COPIED].tolist() == [0, 1, 2, 3]
    assert context.classes[5:, AHEAD].tolist() == [24, 24, 24, 24]
    struck_a_bar_ago = context.planes[5:, 0]
    assert [int(row.argmax()) for row in struck_a_bar_ago] == [60, 61, 62, 63]
    assert struck_a_bar_ago.sum() == 4


def test_places_count_from_the_bar_line_of_each_metre() -> None:
    timeline = Timeline.made(metres=(Metre(0, 3, 4), Metre(2880, 6, 8)))
    made = piece(on_grid([NoteTable.of([Note(960, 480, 60), Note(2880 + 480, 480, 62)])]), timeline)
    phase, place = piece_context(made.notes, made.bars).classes[1:, :2].T.tolist()
    assert (phase, place) == ([0, 12], [2, 1])


def test_drums_are_no_part_of_a_piece() -> None:
    drums = Track(1, channel=9, notes=NoteTable.of([Note(0, 10, 36)]))
    assert piece_of(Score((drums,))) is None
    assert piece_of(Score(())) is None


@pytest.mark.data
@pytest.mark.parametrize("name", ["lieder/0001.mid", "freedoom/0004.mid", "music21-bach/0007.mid"])
def test_real_pieces_have_the_same_context_either_way(name: str) -> None:
    made = piece_of(read_midi(DATA / name).score)
    assert made is not None
    assert_same_from(0, tracked(made), piece_context(made.notes, made.bars))
