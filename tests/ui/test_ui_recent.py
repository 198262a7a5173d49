"""Recent files in the File menu, and a deleted track that comes back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu

from musegen_app.files import write_midi
from musegen_app.score import Change, Note, Score
from musegen_app.ui.presenters.recent import CLEAR, NONE, TITLE


def recent(stage) -> QMenu:
    menu = QMenu(stage.window)
    stage.studio._fill_main_menu(menu)
    files = next(action.menu() for action in menu.actions() if action.text() == "File")
    titles = [action.text() for action in files.actions()]
    assert titles.index(TITLE) == titles.index("Open…") + 1
    return next(action.menu() for action in files.actions() if action.text() == TITLE)


def write(path: Path) -> Path:
    score = Score()
    write_midi(score.apply(Change.of_notes(1, added=score.new_notes([Note(0, 960, 60)]))), path)
    return path


def test_a_recent_file_is_opened_by_its_number_and_the_list_is_cleared(stage, tmp_path: Path) -> None:
    assert [(action.text(), action.isEnabled()) for action in recent(stage).actions()] == [(NONE, False)]
    for name in ("first.mid", "Tom & Jerry.mid"):
        stage.studio.files.open_path(write(tmp_path / name))
        stage.until(lambda name=name: stage.studio.files.title == Path(name).stem)
    (tmp_path / "Tom & Jerry.mid").unlink()
    gone, first, _, clear = recent(stage).actions()
    assert (gone.text(), gone.isEnabled()) == ("&1  Tom && Jerry.mid (not there)", False)
    assert (first.text(), first.isEnabled(), first.toolTip()) == ("&2  first.mid", True, str(tmp_path / "first.mid"))
    first.trigger()
    stage.until(lambda: stage.studio.files.title == "first")
    assert stage.preferences.value.recent_files[0] == str(tmp_path / "first.mid")
    assert clear.text() == CLEAR
    clear.trigger()
    assert stage.preferences.value.recent_files == ()


def test_a_deleted_track_is_active_again_when_it_comes_back(stage) -> None:
    stage.do("add_track")
    added = stage.document.active_track_id
    stage.draw(Note(0, 960, 60))
    stage.studio.tracks.delete(added)
    assert stage.document.active_track_id != added
    stage.do("undo")
    assert stage.document.active_track_id == added
    row = next(row for row in stage.studio.track_panel.rows if row.track.id == added)
    assert row.track.notes == stage.document.active_track.notes
