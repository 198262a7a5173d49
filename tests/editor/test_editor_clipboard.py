"""The clipboard: notes survive it, and whatever else it holds does no harm."""

from __future__ import annotations

import json

import pytest
from editor_scenes import document_of
from hypothesis import given
from hypothesis import strategies as st
from score_strategies import notes

from musegen_app.editor import commands
from musegen_app.editor.clipboard import from_text, to_text
from musegen_app.score import NoteTable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(notes())
def test_notes_come_back_counted_from_the_first(table: NoteTable) -> None:
    back = from_text(to_text(table))
    first = int(table.start[0]) if table else 0
    ours = [(n.start - first, n.length, n.pitch, n.velocity) for n in table]
    assert sorted((n.start, n.length, n.pitch, n.velocity) for n in back) == sorted(ours)


@given(st.text() | JSON.map(json.dumps) | st.binary().map(lambda raw: raw.decode(errors="replace")))
def test_any_other_text_is_no_notes(text: str) -> None:
    assert not from_text(text)


@given(st.lists(JSON | st.lists(st.integers() | st.floats(), max_size=3), max_size=5) | JSON)
def test_columns_of_anything_never_break_a_paste(columns: object) -> None:
    document = document_of()
    text = json.dumps({"musegen": 1, "ticks_per_quarter": 960, "notes": columns})
    commands.paste(document, text, 3840)
    assert all(n.start >= 3840 for n in document.active_track.notes)


@pytest.mark.parametrize(
    "columns",
    [
        [[2**62], [2**62], [60], [90]],
        [[float("nan")], [1], [60], [90]],
        [[0.5], [1], [60], [90]],
        [["1"], [1], [60], [90]],
        [[True], [1], [60], [90]],
        [[0], [0], [60], [90]],
        [[0], [1], [128], [90]],
        [[0], [1], [60], [0]],
        [[0, 1], [1], [60], [90]],
        ["1", "1", "60", "90"],
        [[0] * 200_001, [1] * 200_001, [60] * 200_001, [90] * 200_001],
        {"a": 1, "b": 2, "c": 3, "d": 4},
    ],
)
def test_columns_that_are_no_music_are_no_notes(columns: object) -> None:
    assert not from_text(json.dumps({"musegen": 1, "ticks_per_quarter": 960, "notes": columns}))


def test_deep_nesting_is_no_notes() -> None:
    assert not from_text("[" * 100_000)
    assert not from_text('{"musegen": 2, "ticks_per_quarter": 960, "notes": [[0], [1], [60], [90]]}')
