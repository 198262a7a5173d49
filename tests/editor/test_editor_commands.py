"""Edits by key and menu."""

from __future__ import annotations

from editor_scenes import MELODY, document_of, shape
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.editor import commands
from musegen_app.editor.document import Document
from musegen_app.score import Metre, Note, NoteTable, Score, Timeline, Track


def test_delete_takes_the_selected_notes_in_one_step() -> None:
    document = document_of(*MELODY)
    assert not commands.delete(document)
    document.select({1, 3})
    assert commands.delete(document)
    assert shape(document) == [(960, 480, 64)]
    assert document.selection == frozenset()
    assert document.undo() == "Delete notes"


def test_copy_of_nothing_is_no_text() -> None:
    assert commands.copy(document_of(*MELODY)) == ""


def test_pasting_again_goes_on_at_the_next_bar() -> None:
    document = document_of(*MELODY)
    commands.select_all(document)
    text = commands.copy(document)
    after = commands.paste(document, text, 3840)
    assert after == 7680
    assert document.selection == {4, 5, 6}
    assert commands.paste(document, text, after) == 11520
    assert [s for s, _, _ in shape(document)] == [b + s for b in (0, 3840, 7680) for s in (0, 960, 1920)]
    assert [step.name for step in document.history.done] == ["Paste", "Paste"]


def test_within_a_bar_pasting_again_goes_on_at_the_next_step() -> None:
    document = document_of(Note(0, 400, 60))
    commands.select_all(document)
    assert commands.paste(document, commands.copy(document), 960) == 960 + 480


def test_pasting_something_else_leaves_all_as_it_was() -> None:
    document = document_of(*MELODY)
    assert commands.paste(document, "shopping list", 960) == 960
    assert not document.history.done


def test_duplicates_follow_on_the_grid_and_can_be_duplicated_again() -> None:
    document = document_of(Note(0, 400, 60))
    assert not commands.duplicate(document)
    document.select({1})
    assert commands.duplicate(document)
    assert commands.duplicate(document)
    assert shape(document) == [(0, 400, 60), (480, 400, 60), (960, 400, 60)]


def test_nudges_in_quick_succession_are_one_step() -> None:
    document = document_of(*MELODY)
    document.select({2})
    for _ in range(3):
        commands.nudge(document, 240)
    commands.transpose(document, 1)
    commands.transpose(document, 12)
    commands.lengthen(document, 240)
    assert shape(document)[1:] == [(1680, 720, 77), (1920, 960, 67)]
    assert [step.name for step in document.history.done] == ["Nudge", "Transpose", "Change length"]
    assert document.undo() == "Change length"
    document.undo()
    document.undo()
    assert shape(document) == [(n.start, n.length, n.pitch) for n in MELODY]


@given(notes(), st.integers(-300, 300), st.integers(-400_000, 400_000))
def test_no_key_flattens_a_chord_or_moves_it_out(table: NoteTable, semitones: int, ticks: int) -> None:
    document = Document(Score((Track(1, notes=table),), next_id=len(table) + 1))
    commands.select_all(document)
    commands.transpose(document, semitones)
    commands.nudge(document, ticks)
    commands.lengthen(document, ticks)
    after = {n.id: n for n in document.active_track.notes}
    assert len({after[n.id].pitch - n.pitch for n in table}) <= 1
    assert len({after[n.id].start - n.start for n in table}) <= 1
    assert len(document.history.done) <= 3


def test_quantise_moves_the_selected_or_all_and_leaves_the_selection() -> None:
    document = document_of(Note(13, 100, 60), Note(500, 100, 62), timeline=Timeline.made(metres=(Metre(0, 7, 8),)))
    document.select({2})
    assert commands.quantise(document, 240)
    assert [n.start for n in document.active_track.notes] == [13, 480]
    document.select(())
    assert commands.quantise(document, 240)
    assert [n.start for n in document.active_track.notes] == [0, 480]
    assert document.selection == frozenset()
    assert not commands.quantise(document, 240)
    assert not commands.quantise(document_of(), 240)
