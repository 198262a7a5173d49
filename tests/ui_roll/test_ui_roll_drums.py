"""A drum track in the roll: its rows are drums, and its register comes into view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from roll_stage import MELODY, Stage

from musegen_app.editor.document import Document
from musegen_app.score import Change, Note, NoteTable, Score, Track
from musegen_app.ui.drum_names import HIGHEST, LOWEST, drum_label, drum_name

BEAT = (Note(0, 240, 36, 100), Note(960, 240, 38, 100), Note(480, 240, 42, 80))


def two_tracks(stage: Stage, beat: tuple[Note, ...] = BEAT) -> Document:
    melody = Track(1, "Piano", notes=NoteTable.of(MELODY).numbered(1))
    drums = Track(2, "Drums", channel=9, notes=NoteTable.of(beat).numbered(11))
    stage.document.load(Score((melody, drums), next_id=100), None)
    stage.document.set_active_track(1)
    stage.settle()
    return stage.document


def visible(stage: Stage) -> range:
    view = stage.roll.view.viewport
    return range(view.pitch_of(view.height), view.pitch_of(0) + 1)


def picture(stage: Stage) -> bytes:
    image = stage.roll.keys.grab().toImage()
    return bytes(image.constBits())


def test_the_rows_of_a_drum_track_are_drums(stage: Stage) -> None:
    document = two_tracks(stage)
    keys, piano = stage.roll.keys, picture(stage)
    document.set_active_track(2)
    assert keys.accessibleName() == "Drums"
    row = stage.at(0, 38).y()
    tip = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, row), keys.mapToGlobal(QPoint(5, row)))
    QApplication.sendEvent(keys, tip)
    assert QToolTip.text() == "Acoustic snare (D2)"
    QToolTip.hideText()
    document.set_active_track(1)
    stage.settle()
    assert keys.accessibleName() == "Keyboard"
    assert picture(stage) == piano


def test_names_of_drums_are_written_on_rows_that_can_hold_them(stage: Stage) -> None:
    document = two_tracks(stage)
    document.set_active_track(2)
    view = stage.roll.view
    named = picture(stage)
    view.show(view.viewport.zoomed_rows(0.5, 0))
    low = picture(stage)
    assert len(set(named)) > len(set(low)), "letters have many shades, bare rows two"


def test_the_register_of_another_track_comes_into_view(stage: Stage) -> None:
    document = two_tracks(stage)
    assert 36 not in visible(stage)
    document.set_active_track(2)
    assert {36, 38, 42} <= set(visible(stage))
    document.set_active_track(1)
    assert {60, 64, 67} <= set(visible(stage))


def test_an_empty_drum_track_shows_where_the_kit_is(stage: Stage) -> None:
    document = two_tracks(stage, beat=())
    document.set_active_track(2)
    assert {36, 38, 42, 49} <= set(visible(stage))


def test_an_edit_leaves_the_view_alone(stage: Stage) -> None:
    document = two_tracks(stage)
    before = stage.roll.view.viewport
    added = document.score.new_notes([Note(0, 240, 20, 100)])
    document.edit("Draw", Change.of_notes(1, added=added))
    assert stage.roll.view.viewport == before


def test_every_drum_of_general_midi_has_two_names() -> None:
    assert (LOWEST, HIGHEST) == (35, 81)
    assert (drum_name(36), drum_name(42), drum_name(81)) == ("Bass drum", "Closed hi-hat", "Open triangle")
    labels = [drum_label(pitch) for pitch in range(LOWEST, HIGHEST + 1)]
    assert len(set(labels)) == len(labels) == 47
    assert max(len(label) for label in labels) <= 8
    assert drum_name(34) == drum_label(34) == drum_name(82) == drum_label(127) == ""
