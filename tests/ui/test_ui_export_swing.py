"""MIDI files of a piece that swings: as heard or as drawn, exported or dragged, as the musician chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from musegen_app.files import read_midi
from musegen_app.score import EIGHTHS, LIKED, Change, Note, Swing, TimelineEdit

HEARD = [0, 720, 960, 1680]  # the second eighth of a pair 50 % of an eighth late


@pytest.fixture
def swung(stage):
    stage.draw(*(Note(EIGHTHS * i, EIGHTHS, 60 + i) for i in range(4)))
    timeline = stage.document.score.timeline
    stage.document.edit("Swing", Change((TimelineEdit(timeline, timeline.with_swing(Swing(50))),)))
    return stage


def starts(path: Path) -> list[int]:
    return read_midi(path).score.tracks[0].notes.start.tolist()


def test_a_midi_file_sounds_as_heard(swung, tmp_path: Path) -> None:
    assert swung.studio.actions["export_swing"].isChecked()
    swung.do("export")
    assert starts(tmp_path / "piece.mid") == HEARD
    assert read_midi(tmp_path / "piece.mid").score.tracks[0].notes.length.tolist() == [720, 240, 720, 240]
    assert swung.window.status.music.text().startswith("Exported piece.mid, swung")
    assert swung.document.active_track.notes.start.tolist() == [0, 480, 960, 1440], "the piece stays as drawn"


def test_the_clip_that_is_dragged_does_likewise(swung) -> None:
    assert starts(swung.studio.clips.write()) == HEARD
    assert swung.studio.grip._facts == "The whole piece, swung"
    swung.do("export_swing")
    assert starts(swung.studio.clips.write()) == [0, 480, 960, 1440]
    assert swung.studio.grip._facts == "The whole piece, straight"


def test_the_choice_is_remembered_and_stands_in_the_swing_menu(swung, tmp_path: Path) -> None:
    swung.do("export_swing")
    assert not swung.preferences.value.export_swing
    swung.do("export")
    assert starts(tmp_path / "piece.mid") == [0, 480, 960, 1440]
    menu = QMenu()
    swung.studio.bar.beat.fill(menu)
    swings = next(action.menu() for action in menu.actions() if action.text() == "Swing: 50 %")
    assert swung.studio.actions["export_swing"] in swings.actions()


def test_notes_know_where_they_came_from_though_they_moved(many, tmp_path: Path) -> None:
    timeline = many.document.score.timeline
    many.document.edit("Swing", Change((TimelineEdit(timeline, timeline.with_swing(Swing(75))),)))
    many.do("continue")
    many.until(lambda: many.studio.panel.take.stage.name == "WAITING")
    many.document.put_shelf(many.document.shelf.marked(many.document.ghosts.id.tolist()[:3], LIKED))
    many.do("accept")
    many.do("export")
    read = read_midi(tmp_path / "piece.mid")
    assert len(read.provenance) == 1
    assert (read.score.tracks[0].notes.flags > 0).sum() == 32
    assert ((read.score.tracks[0].notes.flags & LIKED) > 0).sum() == 3


def test_a_straight_piece_is_not_said_to_be(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.do("export")
    assert stage.studio.grip._facts == "The whole piece"
    assert stage.window.status.music.text() == "Exported piece.mid · 4 notes"
