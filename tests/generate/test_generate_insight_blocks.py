"""Surprise is reckoned in blocks and windows, and says what one lane would."""

from __future__ import annotations

import numpy as np
import pytest
from test_generate_insight import music

from musegen_app.generate import note_surprise
from musegen_app.generate.insight import Hearing, surprise
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import NoteTable, Timeline


def test_many_windows_and_blocks_say_what_one_lane_says(exact: NoteEventGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = music(400)
    whole = surprise(exact, Hearing(notes, Timeline()))
    monkeypatch.setattr(note_surprise, "BLOCK", 90)
    monkeypatch.setattr(note_surprise, "LANES", 3)
    monkeypatch.setattr(note_surprise, "LEAST_WINDOW", 7)
    parts = surprise(exact, Hearing(notes, Timeline()))
    np.testing.assert_allclose(parts.nats, whole.nats, atol=1e-3)


def test_of_a_long_piece_a_block_is_told_what_its_notes_can_recall(
    exact: NoteEventGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = [(0, 60), (1, 64), (2, 67), (3, 62)]
    start = [(4 * bar + beat) * 960 for bar in range(200) for beat, _pitch in theme]
    pitch = [key + 7 * (bar // 60 % 2) + bar % 5 for bar in range(200) for _beat, key in theme]
    notes = NoteTable.from_columns(start, [960] * len(start), pitch).numbered(1)
    whole = surprise(exact, Hearing(notes, Timeline()))
    monkeypatch.setattr(note_surprise, "BLOCK", 150)
    parts = surprise(exact, Hearing(notes, Timeline()))
    np.testing.assert_allclose(parts.nats, whole.nats, atol=0.01)


@pytest.mark.parametrize("block", [149, 150, 151])
def test_a_rest_longer_than_what_a_block_is_told_of_parts_nothing(
    exact: NoteEventGenerator, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    late = 150 * 480 + 140 * 3840
    start = [*(480 * n for n in range(150)), *(late + 480 * n for n in range(40))]
    pitch = np.random.default_rng(0).integers(40, 80, len(start))
    notes = NoteTable.from_columns(start, [480] * len(start), pitch).numbered(1)
    whole = surprise(exact, Hearing(notes, Timeline()))
    monkeypatch.setattr(note_surprise, "BLOCK", block)
    np.testing.assert_allclose(surprise(exact, Hearing(notes, Timeline())).nats, whole.nats, atol=1e-3)
