"""What music recalls: computed for a whole piece and note by note, and equal; and what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import timelines
from test_encoding_note_events import grid_notes

from musegen_app.encoding.context import NO_REFERENCE, BarGrid
from musegen_app.encoding.note_events import END, LENGTHS, NO_LENGTH, GridNotes, Ints
from musegen_app.encoding.pieces import piece_of
from musegen_app.encoding.recall import LONGEST_LAG, NOTHING_RECALLED, EarlierBars, PieceRecall, piece_recall, recalled_next
from musegen_app.encoding.recall_tracker import RecallTracker
from musegen_app.files.notation import read_corpus
from musegen_app.score import Timeline

BAR = 96


def floors(notes: GridNotes) -> Ints:
    """The pitches that each note lies above, −1 for any."""
    return np.where(np.diff(notes.onset, prepend=-1) == 0, np.concatenate([[-1], notes.pitch[:-1]]), -1)


def tune(pitches: list[int], step: int = 24, at: int = 0) -> GridNotes:
    """A line of even notes."""
    count = len(pitches)
    return GridNotes(np.arange(count) * step + at, np.array(pitches), np.full(count, step), np.full(count, 80))


def joined(*parts: GridNotes) -> GridNotes:
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("onset", "pitch", "length", "velocity")]
    order = np.lexsort((columns[1], columns[0]))
    return GridNotes(*columns).rows(order)


def grid_of(notes: GridNotes) -> BarGrid:
    return BarGrid.of(Timeline(), 0, notes.end + 1)


def assert_tracked(notes: GridNotes, bars: BarGrid, already: int) -> None:
    """A tracker that heard ``already`` notes at once and the others one by one says what the whole piece says."""
    whole = piece_recall(notes, bars)
    lengths = whole.lengths()
    following = recalled_next(lengths[1:], floors(notes))
    tracker = RecallTracker.after(piece_recall(notes.rows(slice(already)), bars), 2)
    for number in range(already, len(notes)):
        tracker.look([int(notes.onset[number])] * 2)
        for take in range(2):
            np.testing.assert_array_equal(tracker.classes[take], whole.classes[number + 1])
            np.testing.assert_array_equal(tracker.lengths[take], lengths[number + 1])
            assert tracker.following[take] == following[number]
        tracker.add([int(notes.pitch[number])] * 2, [int(notes.length[number])] * 2)


@given(grid_notes(), timelines(), st.data())
def test_note_by_note_the_same_is_recalled_as_at_once(notes: GridNotes, timeline: Timeline, data: st.DataObject) -> None:
    bars = BarGrid.of(timeline, 0, notes.end + 1)
    assert_tracked(notes, bars, data.draw(st.integers(0, len(notes))))


def test_note_by_note_the_same_is_recalled_of_a_real_score() -> None:
    made = piece_of(read_corpus("bach/bwv66.6"))
    assert made is not None
    assert_tracked(made.notes, made.bars, len(made.notes) // 2)


@given(grid_notes(max_size=40), timelines(), st.integers(1, 40))
def test_what_comes_later_changes_nothing_that_is_recalled(notes: GridNotes, timeline: Timeline, kept: int) -> None:
    bars = BarGrid.of(timeline, 0, notes.end + 1)
    whole, part = piece_recall(notes, bars), piece_recall(notes.rows(slice(kept)), bars)
    rows = len(part.classes)
    np.testing.assert_array_equal(whole.classes[:rows], part.classes)
    np.testing.assert_array_equal(whole.lengths()[:rows], part.lengths())


VERSE = [60, 62, 64, 65, 67, 69, 67, 65, 64, 60, 62, 59, 60, 64, 67, 72]


def recalled(notes: GridNotes) -> tuple[PieceRecall, Ints]:
    """What is recalled, and the next pitch of it before each note."""
    found = piece_recall(notes, grid_of(notes))
    return found, recalled_next(found.lengths()[1:], floors(notes))


def test_a_verse_that_comes_again_is_foreseen_note_by_note() -> None:
    middle = [50, 55, 53, 48, 47, 52, 55, 59, 50, 45, 43, 48, 47, 50, 41, 43]
    notes = tune(VERSE + middle + VERSE)
    found, following = recalled(notes)
    again = slice(32 + 4, 48)
    np.testing.assert_array_equal(following[again], notes.pitch[again])
    quality, lag, moved, run, ahead = found.classes[1:][-1]
    assert quality > found.classes[1 + 33, 0]
    assert (lag, moved, ahead) == (4, 1, 24)  # eight bars ago, as it was, a quarter to the next onset
    assert run == 5  # nine to sixteen came as they did there


@pytest.mark.parametrize(("shift", "moved"), [(5, 3), (-3, 3), (12, 2)])
def test_a_theme_is_known_again_in_another_key(shift: int, moved: int) -> None:
    notes = tune(VERSE + [pitch + shift for pitch in VERSE])
    found, following = recalled(notes)
    np.testing.assert_array_equal(following[16 + 6 :], notes.pitch[16 + 6 :])
    assert found.classes[-1, 2] == moved


def test_the_lengths_of_then_are_told_by_the_pitches_of_now() -> None:
    first = GridNotes(np.arange(4) * 24, np.array([60, 64, 67, 72]), np.array([24, 12, 6, 20]), np.full(4, 80))
    second = GridNotes(first.onset + BAR, first.pitch + 2, first.length, first.velocity)
    notes = joined(first, second)
    lengths = piece_recall(notes, grid_of(notes)).lengths()
    assert lengths[-1, 74] == LENGTHS.classes(20)
    assert (lengths[-1] < NO_LENGTH).sum() == 1


def test_of_a_chord_the_next_note_above_is_recalled() -> None:
    chords = [[48, 60, 64], [50, 62, 65], [52, 59, 67], [53, 57, 60]]
    rows = [GridNotes(np.full(3, n * 24), np.array(c), np.full(3, 24), np.full(3, 80)) for n, c in enumerate(chords * 3)]
    notes = joined(*rows)
    _found, following = recalled(notes)
    np.testing.assert_array_equal(following[18:], notes.pitch[18:])


def test_nothing_is_recalled_in_the_first_bar() -> None:
    found, following = recalled(tune([60, 62, 64, 65]))
    assert (found.classes == np.array(NOTHING_RECALLED)).all()
    assert (following == NO_REFERENCE).all()
    assert (found.classes[0] == (0, 0, 0, 0, END)).all()
    assert len(piece_recall(tune([]), grid_of(tune([60]))).classes) == 1


def test_the_last_notes_alone_recall_the_same_of_all() -> None:
    made = piece_of(read_corpus("bach/bwv66.6"))
    assert made is not None
    count = len(made.notes)
    whole, late = piece_recall(made.notes, made.bars), piece_recall(made.notes, made.bars, count - 30)
    assert len(late.classes) == 31
    np.testing.assert_array_equal(late.classes[1:], whole.classes[-30:])
    np.testing.assert_array_equal(late.lengths()[1:], whole.lengths()[-30:])


def test_bars_are_recalled_from_as_long_ago_as_told_and_no_longer() -> None:
    filler = [40, 45, 43, 47, 41, 46, 42, 44]
    for bars, is_recalled in ((LONGEST_LAG - 6, True), (LONGEST_LAG + 2, False)):
        between = [filler[(n * n + n // 3) % 8] for n in range(4 * bars)]
        notes = tune(VERSE + between + VERSE)
        assert_tracked(notes, grid_of(notes), len(notes) - 20)
        _found, following = recalled(notes)
        assert (following[-6:] == notes.pitch[-6:]).all() == is_recalled


def test_a_note_that_was_cut_short_is_recalled_so() -> None:
    notes = tune([60, 64, 67, 72, 60])
    tracker = RecallTracker(EarlierBars(grid_of(notes)), 2)
    for number, pitch in enumerate(notes.pitch.tolist()):
        tracker.look([24 * number] * 2)
        if number < 4:
            tracker.add([pitch] * 2, [24] * 2)
    tracker.hush(1, 64, 24 + 10)
    tracker.add([60] * 2, [24] * 2)
    tracker.look([24 * 5] * 2)
    assert tracker.lengths[:, 64].tolist() == [LENGTHS.classes(24), LENGTHS.classes(10)]


@given(grid_notes(max_size=30), grid_notes(max_size=15), grid_notes(max_size=15))
def test_takes_that_part_from_one_past_recall_their_own(past: GridNotes, first: GridNotes, second: GridNotes) -> None:
    begin = int(past.onset[-1]) if len(past) else 0
    futures = [future.moved(begin) for future in (first, second)]
    bars = BarGrid.of(Timeline(), 0, max(part.end for part in (past, *futures)) + 1)
    heard = piece_recall(past, bars)
    both, alone = RecallTracker.after(heard, 2), [RecallTracker.after(heard, 1) for _ in range(2)]
    for number in range(min(map(len, futures))):
        notes = [[int(column[number]) for column in (f.onset, f.pitch, f.length)] for f in futures]
        onsets, pitches, lengths = (list(column) for column in zip(*notes, strict=True))
        both.look(onsets)
        for take, tracker in enumerate(alone):
            tracker.look([onsets[take]])
            np.testing.assert_array_equal(both.classes[take], tracker.classes[0])
            np.testing.assert_array_equal(both.lengths[take], tracker.lengths[0])
            assert both.following[take] == tracker.following[0]
            tracker.add([pitches[take]], [lengths[take]])
        both.add(pitches, lengths)


def test_a_note_of_the_past_is_cut_short_for_one_take_alone() -> None:
    notes = tune([60, 64, 67, 72, 60])
    heard = piece_recall(notes, grid_of(tune([60] * 9)))
    tracker = RecallTracker.after(heard, 2)
    tracker.hush(1, 64, 24 + 10)
    tracker.look([24 * 5] * 2)
    assert tracker.lengths[:, 64].tolist() == [LENGTHS.classes(24), LENGTHS.classes(10)]


def test_takes_that_leave_take_their_memory_with_them() -> None:
    notes, other = tune(VERSE + VERSE), tune([p + 1 for p in reversed(VERSE)] + VERSE)
    bars = grid_of(notes)
    both, alone = RecallTracker(EarlierBars(bars), 2), RecallTracker(EarlierBars(bars), 1)
    for number, (first, second) in enumerate(zip(notes.pitch.tolist(), other.pitch.tolist(), strict=True)):
        takes = 2 if number < 24 else 1
        if number == 24:
            both.only([1])
        alone.look([24 * number])
        both.look([24 * number] * takes)
        np.testing.assert_array_equal(both.classes[-1], alone.classes[0])
        np.testing.assert_array_equal(both.lengths[-1], alone.lengths[0])
        both.add([first, second][-takes:], [24] * takes)
        alone.add([second], [24])
