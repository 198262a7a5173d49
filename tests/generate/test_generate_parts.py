"""Sharing out a continuation: nothing is lost, hands stay hands, and voices go on as single voices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musegen_app.generate.parts import share_out
from musegen_app.score import EMPTY, Note, NoteTable

notes_strategy = st.lists(
    st.builds(Note, st.integers(0, 8000).map(lambda n: n * 10), st.integers(1, 4000), st.integers(0, 127)), max_size=40
).map(NoteTable.of)


def voice(pitches: list[int], begin: int = 0, length: int = 960) -> NoteTable:
    return NoteTable.of(Note(begin + i * length, length, p) for i, p in enumerate(pitches))


def joined(*tables: NoteTable) -> NoteTable:
    return NoteTable.of(note for table in tables for note in table)


@given(notes_strategy, st.lists(notes_strategy, min_size=1, max_size=5))
def test_no_note_is_changed_lost_or_doubled(notes: NoteTable, parts: list[NoteTable]) -> None:
    shared = share_out(notes, parts)
    assert len(shared) == len(parts)
    assert joined(*shared) == notes


def test_four_voices_go_on_as_four_voices() -> None:
    parts = [
        voice([72, 74, 76, 74] * 4),
        voice([67, 65, 67, 69] * 4),
        voice([60, 62, 60, 59] * 4),
        voice([48, 50, 52, 43] * 4),
    ]
    after = [voice(p, 16 * 960) for p in ([77, 76], [69, 67], [60, 60], [53, 48])]
    assert share_out(joined(*after), parts) == after


def test_two_hands_are_told_apart_by_register() -> None:
    right = joined(voice([72, 76, 79, 76]), voice([76, 79, 84, 79]))
    left = joined(voice([48, 43, 48, 43]), voice([55, 50, 55, 50]))
    new_right, new_left = voice([74, 77], 3840), joined(voice([48, 41], 3840), voice([52, 45], 3840))
    assert share_out(joined(new_right, new_left), [right, left]) == [new_right, new_left]


def test_a_single_voice_is_not_given_a_chord_that_another_part_can_play() -> None:
    flute, piano = voice([76, 78] * 8), joined(*(voice([p, p + 2] * 8) for p in (60, 64, 67)))
    chord = NoteTable.of([Note(16 * 960, 960, p) for p in (72, 76)])
    assert [len(t) for t in share_out(chord, [flute, piano])] == [1, 1]


def test_a_part_that_rested_long_stays_silent() -> None:
    silent, playing = voice([60, 62]), voice([62, 60], begin=200 * 960)
    shared = share_out(voice([60, 61, 62], 203 * 960), [silent, playing])
    assert [len(t) for t in shared] == [0, 3]


def test_without_any_notes_the_first_part_takes_all() -> None:
    new = voice([60, 61])
    assert share_out(new, [EMPTY, EMPTY]) == [new, EMPTY]
