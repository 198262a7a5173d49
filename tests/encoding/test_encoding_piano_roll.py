"""Columns as changes and back, and what surrounds them, whole or column by column."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import notes, timelines

from musegen_app.encoding.columns import COLUMN_TICKS, PITCHES, Columns, columns_of, notes_of
from musegen_app.encoding.piano_roll import (
    END,
    RELEASE,
    BarColumns,
    RollTracker,
    Surroundings,
    changes_of,
    columns_from,
)
from musegen_app.score import Metre, Note, NoteTable, Timeline

FEW = settings(max_examples=60, deadline=None)


@given(notes(30, max_length=4000))
@FEW
def test_decoding_undoes_encoding(table: NoteTable) -> None:
    columns = columns_of([table])
    again = columns_from(changes_of(columns))
    np.testing.assert_array_equal(again.sounding, columns.sounding)
    np.testing.assert_array_equal(again.struck, columns.struck)
    back = notes_of(again)
    notes_again = NoteTable.from_columns(
        back.onset * COLUMN_TICKS, back.length * COLUMN_TICKS, back.pitch, np.full(len(back), 80)
    )
    assert changes_of(columns_of([notes_again])) == changes_of(columns)


@given(notes(30, max_length=4000))
@FEW
def test_changes_ascend_and_release_only_what_sounds(table: NoteTable) -> None:
    sounding: set[int] = set()
    for named in changes_of(columns_of([table])):
        *changes, end = named
        assert end == END
        pitches = [change % PITCHES for change in changes]
        assert pitches == sorted(set(pitches))
        for change in changes:
            if change >= RELEASE:
                sounding.remove(change % PITCHES)
            else:
                sounding.add(change)


def test_a_note_struck_again_is_one_change_and_a_held_one_none() -> None:
    table = NoteTable.of([Note(0, 480, 60), Note(480, 240, 60), Note(0, 960, 64)])
    assert changes_of(columns_of([table])) == [[60, 64, END], [END], [60, END], [RELEASE + 60, END]]


@given(notes(25, max_length=6000), timelines(), st.integers(0, 40))
@FEW
def test_tracking_sees_what_the_whole_piece_shows(table: NoteTable, timeline: Timeline, known: int) -> None:
    columns = columns_of([table]).padded(2)
    columns = columns.part(0, 300)
    columns = columns_from(changes_of(columns))
    bars = BarColumns.of(timeline, 0, len(columns) + 1)
    whole = Surroundings(columns, BarColumns.of(timeline, 0, len(columns))).planes()
    known = min(known, len(columns))
    tracker = RollTracker(columns.part(0, known), bars, takes=2, coming=len(columns) - known)
    for at in range(known, len(columns)):
        for row in tracker.planes():
            np.testing.assert_allclose(row, whole[at], atol=1e-6)
        np.testing.assert_array_equal(tracker.classes(), bars.classes(np.array([at]))[0])
        tracker.add(*(np.repeat(part[at][None], 2, axis=0) for part in (columns.struck, columns.sounding)))
        np.testing.assert_array_equal(tracker.sounding[0], columns.sounding[at])


def test_the_column_itself_is_not_seen_before_it_is_drawn() -> None:
    columns = Columns.empty(8)
    columns.struck[5, 60] = columns.sounding[5:7, 60] = True
    planes = Surroundings(columns, BarColumns.of(Timeline(), 0, 8)).planes().reshape(8, -1, PITCHES)
    assert not planes[:6].any()
    assert planes[6, 0, 60] == planes[6, 1, 60] == 1
    assert planes[7, 0, 60] == 0
    assert planes[7, 2, 60] > planes[6, 2, 60] > 0


def test_bars_follow_the_metre() -> None:
    bars = BarColumns.of(Timeline.made(metres=(Metre(0, 3, 4), Metre(2 * 2880, 6, 8))), 0, 48)
    assert bars.length.tolist() == [12] * 48
    assert bars.classes(np.array([0, 13, 24]))[:, 1].tolist() == [0, 1, 0]
    assert len({*bars.metre[:24].tolist()}) == 1
    assert bars.metre[0] != bars.metre[24]
