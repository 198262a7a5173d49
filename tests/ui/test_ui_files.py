"""Files in and out of the window: nothing is lost, what is broken is one sentence, a crash leaves the piece behind."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from musegen_app.files import read_project, write_midi
from musegen_app.paths import data_dir
from musegen_app.score import Change, Note, Score, Track
from musegen_app.ui.dialogs import Answer, Dialogs, suffixed
from musegen_app.ui.flows.autosave import Autosave
from musegen_app.ui.flows.clips import Clips

QUARTER = 960


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    score = Score()
    notes = score.new_notes([Note(i * QUARTER, QUARTER, 60 + i) for i in range(6)])
    path = tmp_path / "tune.mid"
    write_midi(score.apply(Change.of_notes(1, added=notes)), path)
    return path


def open_(stage, path: Path) -> None:
    stage.studio.files.open_path(path)
    stage.until(lambda: stage.studio.files.title == path.stem)


def drop(stage, path: Path, at: QPointF = QPointF(20, 300)) -> None:  # noqa: B008  a value
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    stage.window.dropEvent(event)


def test_a_midi_file_opens_with_its_name_and_is_not_modified(stage, tune: Path) -> None:
    stage.answers.to_open = tune
    stage.do("open")
    stage.until(lambda: stage.document.score.note_count == 6)
    assert stage.studio.bar.title.text() == "tune"
    assert not stage.window.isWindowModified()
    assert stage.preferences.value.recent_files == (str(tune),)
    assert stage.preferences.value.folder == str(tune.parent)
    stage.draw()
    assert stage.studio.bar.title.text() == "tune •"
    assert stage.window.isWindowModified()


def test_a_broken_file_is_one_sentence_and_the_piece_stays(stage, tmp_path: Path) -> None:
    stage.draw()
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"this is no music")
    stage.studio.files.open_path(broken)
    stage.until(lambda: "broken.mid" in stage.window.notice.text)
    assert stage.document.score.note_count == 4


def test_saving_asks_once_and_then_knows_the_place(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.do("save")
    assert stage.answers.asked == ["Untitled.musegen"]
    assert not stage.document.is_modified
    assert stage.studio.bar.title.text() == "piece"
    stage.draw(Note(0, QUARTER, 80))
    stage.do("save")
    assert stage.answers.asked == ["Untitled.musegen"]
    assert read_project(tmp_path / "piece.musegen").score.note_count == 5


def test_a_save_that_fails_is_told_and_the_piece_stays_unsaved(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.answers.to_project = tmp_path / "nowhere" / "piece.musegen"
    (tmp_path / "nowhere").write_text("a file where a folder should be")
    stage.do("save")
    assert "piece.musegen" in stage.window.notice.text
    assert stage.document.is_modified


def test_a_midi_file_is_never_written_over_by_save(stage, tune: Path) -> None:
    open_(stage, tune)
    before = tune.read_bytes()
    stage.draw(Note(0, QUARTER, 90))
    stage.do("save")
    assert stage.answers.asked == ["tune.musegen"]
    assert tune.read_bytes() == before


def test_export_writes_what_mido_reads(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.do("export")
    played = [m for m in mido.MidiFile(tmp_path / "piece.mid") if m.type == "note_on" and m.velocity]
    assert [m.note for m in played] == [60, 61, 62, 63]
    assert stage.document.is_modified, "an export is no save"


@pytest.mark.parametrize(("answer", "closes"), [(Answer.CANCEL, False), (Answer.DISCARD, True), (Answer.SAVE, True)])
def test_closing_with_unsaved_changes_asks(stage, tmp_path: Path, answer: Answer, *, closes: bool) -> None:
    stage.answers.about_unsaved = answer
    stage.draw()
    assert stage.window.close() is closes
    assert stage.answers.asked[0] == "Untitled"
    assert (tmp_path / "piece.musegen").exists() is (answer is Answer.SAVE)


def test_closing_without_changes_asks_nothing(stage) -> None:
    assert stage.window.close()
    assert stage.answers.asked == []


def test_a_cancelled_save_keeps_the_window_open(stage) -> None:
    stage.answers.about_unsaved, stage.answers.to_project = Answer.SAVE, None
    stage.draw()
    assert not stage.window.close()


def test_a_drop_opens_in_an_empty_piece_and_goes_in_at_the_bar_otherwise(stage, tune: Path) -> None:
    drop(stage, tune)
    stage.until(lambda: stage.document.score.note_count == 6)
    assert len(stage.document.score.tracks) == 1
    stage.studio.playing.seek(5 * QUARTER)
    drop(stage, tune)
    stage.until(lambda: len(stage.document.score.tracks) == 2)
    inserted = stage.document.score.tracks[1]
    assert int(inserted.notes.start[0]) == 4 * QUARTER
    assert stage.studio.actions["undo"].text() == "Undo insert tune"
    stage.do("undo")
    assert len(stage.document.score.tracks) == 1
    canvas = stage.studio.roll.canvas
    bar_three = QPointF(stage.studio.roll.view.viewport.x_of(8 * QUARTER) + 9, 100)
    drop(stage, tune, canvas.mapTo(stage.window, bar_three))
    stage.until(lambda: len(stage.document.score.tracks) == 2)
    assert int(stage.document.score.tracks[1].notes.start[0]) == 8 * QUARTER


def test_a_demo_seed_is_one_click_away(stage) -> None:
    assert stage.studio.hint.is_visible
    menu = stage.studio.hint.button.menu()
    assert len(menu.actions()) >= 3
    menu.actions()[0].trigger()
    stage.until(lambda: stage.document.score.note_count > 10)
    assert not stage.studio.hint.is_visible
    assert stage.preferences.value.recent_files == ()


def test_a_click_beside_the_hint_draws_under_it(stage) -> None:
    label = stage.studio.hint._label
    at = label.geometry().center() if label.isVisible() else QPoint(200, 200)
    target = stage.studio.roll.canvas.childAt(at) or stage.studio.roll.canvas
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=target.mapFrom(stage.studio.roll.canvas, at))
    assert stage.document.score.note_count == 1


def test_clips_are_fresh_files_named_after_the_piece_and_go_with_the_window(stage) -> None:
    stage.draw()
    first, second = (stage.studio.grip.mime_data().urls()[0].toLocalFile() for _ in range(2))
    assert first != second
    assert Path(first).name == Path(second).name == "Untitled.mid"
    assert len([m for m in mido.MidiFile(second) if m.type == "note_on" and m.velocity]) == 4
    stage.studio.clips.close()
    assert not Path(first).exists()


def test_a_title_no_file_can_have_still_makes_a_clip(stage) -> None:
    told: list[str] = []
    clips = Clips(lambda: stage.document.score, lambda: 'a/b:"c"?', told.append)
    path = clips.write()
    assert path is not None
    assert path.name == "abc.mid"
    clips.close()
    (data_dir() / "clips").rmdir()
    (data_dir() / "clips").write_text("in the way")
    assert clips.write() is None
    assert len(told) == 1


def test_what_is_not_saved_is_kept_beside_and_goes_when_it_is_saved(stage) -> None:
    kept = stage.studio.autosave.file
    stage.draw()
    stage.until(kept.exists)
    assert read_project(kept).score.note_count == 4
    stage.do("save")
    stage.until(lambda: not kept.exists())


def test_a_crash_leaves_the_piece_which_is_offered_and_restored(stage, tune: Path) -> None:
    open_(stage, tune)
    stage.draw(Note(0, QUARTER, 90))
    crashed = Autosave(stage.studio.files.project, lambda: Path("/music/waltz.musegen"), stage.background)
    crashed.save_now()
    stage.until(crashed.file.exists)
    assert stage.studio.autosave.left_behind() == (), "its owner lives"
    crashed._lock.unlock()
    stage.do("new")
    stage.studio.restoring.offer(stage.studio.autosave.left_behind())
    assert "Restore" in stage.window.notice._way_out.text()
    stage.window.notice._way_out.click()
    assert stage.document.score.note_count == 7
    assert stage.studio.files.title == "waltz"
    assert stage.document.is_modified
    assert not crashed.file.exists()


def test_restoring_asks_about_what_was_drawn_since(stage) -> None:
    stage.draw()
    project = stage.studio.files.project()
    stage.draw(Note(0, QUARTER, 90))
    stage.answers.about_unsaved = Answer.CANCEL
    assert not stage.studio.files.restore(project, None)
    assert stage.document.score.note_count == 5
    stage.answers.about_unsaved = Answer.DISCARD
    assert stage.studio.files.restore(project, None)
    assert stage.document.score.note_count == 4


def test_notes_drawn_while_a_file_is_read_are_asked_about(stage, tune: Path) -> None:
    stage.answers.about_unsaved = Answer.CANCEL
    stage.studio.files.open_path(tune)
    stage.draw()
    stage.until(lambda: stage.answers.asked == ["Untitled"])
    assert stage.document.score.note_count == 4


@pytest.mark.parametrize(
    ("typed", "saved"),
    [("waltz.musegen", "waltz.musegen"), ("Op. 27", "Op. 27.musegen"), ("tune.mid", "tune.mid.musegen")],
)
def test_a_project_is_saved_under_a_name_that_opens_again(typed: str, saved: str) -> None:
    assert suffixed(Path("/music", typed), ".musegen") == Path("/music", saved)


def test_the_dialog_asks_before_it_overwrites_under_the_name_it_completes(
    stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Op. 27.musegen").write_bytes(b"of great worth")
    monkeypatch.setattr(QFileDialog, "exec", lambda _self: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _self: [str(tmp_path / "Op. 27")])
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_words: answers.pop(0))
    dialogs = Dialogs()
    dialogs.parent = stage.window
    assert dialogs.project_path(tmp_path / "piece.musegen") is None
    assert dialogs.project_path(tmp_path / "piece.musegen") == tmp_path / "Op. 27.musegen"
    assert answers == []


def test_a_dropped_track_keeps_its_instrument_where_another_plays_on_its_channel(stage, tmp_path: Path) -> None:
    stage.draw()
    bass = Score(tracks=(Track(1, "Bass", 0, 33), Track(2, "Low bass", 0, 33)))
    for track in (1, 2):
        bass = bass.apply(Change.of_notes(track, added=bass.new_notes([Note(0, QUARTER, 40)])))
    write_midi(bass, tmp_path / "bass.mid")
    drop(stage, tmp_path / "bass.mid")
    stage.until(lambda: len(stage.document.score.tracks) == 3)
    assert [(track.channel, track.program) for track in stage.document.score.tracks] == [(0, 0), (1, 33), (1, 33)]


def test_a_damaged_autosave_is_told(stage) -> None:
    folder = data_dir() / "autosave"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "old.musegen").write_bytes(b"damaged")
    stage.studio.restoring.offer(stage.studio.autosave.left_behind())
    stage.window.notice._way_out.click()
    assert "old.musegen" in stage.window.notice.text


def test_being_ended_by_the_system_keeps_the_piece(stage) -> None:
    stage.draw()
    kept = stage.studio.autosave.file
    stage.studio.autosave.close(keep=True)
    stage.until(kept.exists)
    assert stage.studio.autosave.left_behind() == ()
    assert read_project(kept).score.note_count == 4
