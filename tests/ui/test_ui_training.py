"""Training in the window: what was found, how it goes, samples, its ends, and what comes of closing the program."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from musegen_app.generate import registry
from musegen_app.jobs import training_needs
from musegen_app.jobs.training import UNEXPECTED
from musegen_app.jobs.training_needs import Missing
from musegen_app.jobs.training_order import ADAPT
from musegen_app.ui.dialogs import Answer, TrainingAnswer
from musegen_app.ui.train.course import Phase
from musegen_app.ui.train.course_page import state_words

STAND_IN = Path(__file__).parent / "training_stand_in.py"
SEED = Path(__file__).resolve().parents[2] / "resources" / "seeds" / "folk.mid"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "Slow_airs"
    for name in ("reels/a.mid", "reels/b.mid", "jigs/c.mid", "d.mid"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(SEED.read_bytes())
    return folder


class Trainer:
    """The Train window of a stage, and the program that stands in for the training."""

    def __init__(self, stage) -> None:
        self.stage, self.kind = stage, "music"
        self.presenter = stage.studio.train
        self.training = self.presenter.training
        self.training.command_of = self.command
        stage.models_before = stage.models
        stage.do("train")
        self.sheet = self.presenter.open()
        self.setup, self.page = self.sheet.setup, self.sheet.course

    def command(self, order, *, resume: bool) -> list[str]:
        return [sys.executable, str(STAND_IN), str(order.output), self.kind, *(["resume"] if resume else [])]

    def choose(self, folder: Path) -> None:
        self.stage.answers.to_learn = folder
        self.setup.folder_box.choose.click()
        self.stage.until(self.setup.start.isEnabled)

    def begin(self, folder: Path) -> None:
        self.choose(folder)
        self.setup.start.click()
        self.stage.until(lambda: self.course is not None and len(self.course.samples) > 0)

    @property
    def course(self):
        return self.training.course

    def until_phase(self, phase: Phase) -> None:
        self.stage.until(lambda: self.course is not None and self.course.phase is phase)


@pytest.fixture
def trainer(stage) -> Trainer:
    stage.models_dir = None
    return Trainer(stage)


def dropped(widget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    widget.dropEvent(event)


# --- before it begins -----------------------------------------------------------------------------------------------------


def test_the_tab_and_the_command_open_one_window_beside_the_main_one(stage) -> None:
    stage.studio.panel.train.button.click()
    sheet = stage.studio.train.open()
    assert sheet.isVisible()
    assert not sheet.isModal()
    sheet.close()
    stage.do("train")
    assert sheet.isVisible()
    assert stage.studio.train.open() is sheet


def test_a_dropped_folder_is_counted_by_subfolder(trainer: Trainer, music: Path) -> None:
    assert not trainer.setup.start.isEnabled()
    dropped(trainer.setup.folder_box, music)
    trainer.stage.until(trainer.setup.start.isEnabled)
    assert trainer.setup.contents.sets == (("reels", 2), ("jigs", 1), ("music", 1))
    assert trainer.setup.folder_box.facts.text() == "4 MIDI files in 3 subfolders"
    assert trainer.setup.title == "Slow airs"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("empty", "There are no MIDI files in empty."),
        ("one", "one holds one piece; training needs at least two, to hold one out."),
        ("a.mid", "a.mid is not a folder."),
    ],
)
def test_a_bad_folder_is_a_sentence_where_it_was_dropped(
    trainer: Trainer, tmp_path: Path, music: Path, name: str, sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    for path in (tmp_path / "one" / "a.mid", tmp_path / "a.mid"):
        path.write_bytes(SEED.read_bytes())
    trainer.choose(music)
    dropped(trainer.setup.folder_box, tmp_path / name)
    trainer.stage.until(lambda: trainer.setup.folder_box.facts.text() == sentence)
    assert not trainer.setup.start.isEnabled()


def test_as_published_is_offered_where_something_was_published(trainer: Trainer, music: Path, tmp_path: Path) -> None:
    trainer.choose(music)
    setup = trainer.setup
    assert setup.family.value == ADAPT
    assert not setup.as_published.isVisible()
    setup.family._choose("rbm")
    assert setup.as_published.isVisible()
    setup.as_published.click()
    setup.name.setText("My jigs")
    order = setup.order(tmp_path / "out")
    assert (order.family, order.as_published, order.title, order.minutes) == ("rbm", True, "My jigs", 30.0)
    setup.family._choose("note-events")
    assert not setup.as_published.isVisible()
    assert not setup.order(tmp_path / "out").as_published


def test_without_the_extra_the_window_says_what_to_run(
    trainer: Trainer, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer.choose(music)
    told = Missing("Training needs PyTorch, which is not installed here.", "pip install -c constraints.txt '.[train]'")
    monkeypatch.setattr(training_needs, "missing", lambda: told)
    trainer.stage.do("train")
    assert trainer.setup.problem.text() == told.sentence
    assert trainer.setup.command.text() == told.command
    assert trainer.setup.command.isReadOnly()
    assert not trainer.setup.start.isEnabled()


# --- in its course --------------------------------------------------------------------------------------------------------


def test_curves_speed_time_and_what_was_left_out_are_shown(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    page, course = trainer.page, trainer.course
    trainer.stage.until(lambda: len(course.held_out) > 1)
    assert page.isVisible()
    assert len(course.learnt) >= 10
    assert course.held_out[0] == pytest.approx((500, 2.8))
    assert page.speed.text() == "1,240 notes/s · 12.3 pieces/s"
    assert page.state.text().endswith("left")
    assert "6 pieces, 4,200 notes · 1 held out" in page.subtitle.text()
    assert page.left_out.line.text().startswith("2 files were left out")
    assert "empty.mid holds no notes." in page.left_out.text.text()
    if sys.platform == "linux":
        assert os.getpriority(os.PRIO_PROCESS, trainer.training.process.pid) >= 10
    assert "pieces held out" in page.curves.accessibleDescription()


def test_the_window_stays_usable_and_hiding_the_sheet_ends_nothing(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    trainer.sheet.close()
    trainer.stage.draw()
    trainer.stage.do("continue")
    trainer.stage.until(lambda: len(trainer.stage.document.ghosts) > 0)
    assert trainer.training.is_running
    trainer.stage.do("train")
    assert trainer.sheet.isVisible()
    assert trainer.page.isVisible()


def test_a_sample_is_heard_in_place_of_the_piece_which_stays_where_it_was(trainer: Trainer, music: Path) -> None:
    stage = trainer.stage
    stage.draw()
    stage.studio.playing.seek(1920)
    stage.do("play")
    trainer.begin(music)
    first = trainer.course.samples[0].path
    button = trainer.page.samples.buttons[first]
    button.click()
    stage.until(lambda: button.icon_name == "stop")
    kind, notes, tick, *_ = stage.player.told[-1]
    assert (kind, tick) == ("play", 0)
    assert notes > 4
    assert not stage.studio.playing.is_playing
    assert stage.studio.playing.tick == 1920
    before = stage.document.score
    stage.draw()
    stage.qtbot.wait(80)
    assert stage.player.told[-1][0] == "play"  # an edit does not take the sample's place
    button.click()
    assert stage.player.told[-2:] == [("stop",), ("seek", 1920)]
    assert button.icon_name == "play"
    assert stage.document.score.note_count == before.note_count + 4
    button.click()
    stage.until(lambda: button.icon_name == "stop")
    stage.do("play")
    assert button.icon_name == "play"
    assert stage.studio.playing.is_playing


def test_keeping_makes_a_model_that_the_list_shows_and_that_is_chosen(trainer: Trainer, music: Path) -> None:
    stage = trainer.stage
    trainer.begin(music)
    before = stage.models
    stage.studio.rooms.preferences.change(model="scale")

    def listing() -> None:
        found = registry.listing([trainer.presenter.models])
        stage.models = type(before)((*before.models, *found.models), ())

    stage.studio.train.model_made.disconnect()
    stage.studio.train.model_made.connect(lambda _name: listing())
    stage.studio.train.model_made.connect(stage.studio._use_new_model)
    trainer.page.keep.click()
    trainer.until_phase(Phase.DONE)
    stage.until(lambda: stage.studio.panel.wish.model == "slow-airs")
    assert stage.studio.panel.card.caption == "Made in a test"
    work = trainer.course.order.work
    assert work.is_dir()
    trainer.page.back.click()
    assert not work.exists()
    assert trainer.setup.isVisible()


def test_stopped_it_goes_on_and_is_kept_with_its_curves(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    trainer.page.stop.click()
    trainer.until_phase(Phase.STOPPED)
    assert not trainer.training.is_running
    points = list(trainer.course.held_out)
    trainer.page.back.click()
    assert trainer.setup.isVisible()
    trainer.setup._go_on.itemAt(0).widget().click()
    assert trainer.course.held_out == points
    trainer.stage.until(lambda: trainer.course.progress is not None and trainer.course.progress.units > 4000)
    trainer.page.stop.click()
    trainer.until_phase(Phase.STOPPED)
    trainer.page.keep.click()
    trainer.until_phase(Phase.DONE)
    assert (trainer.presenter.models / "slow-airs" / "model.json").is_file()


def test_discarding_leaves_nothing(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    output = trainer.course.order.output
    trainer.stage.answers.discards = False
    trainer.page.discard.click()
    assert trainer.training.is_running
    trainer.stage.answers.discards = True
    trainer.page.discard.click()
    trainer.stage.until(lambda: trainer.course is None)
    assert not output.exists()
    assert trainer.setup.isVisible()
    assert trainer.setup.start.isEnabled()  # the choices are still there


def test_a_failure_is_told_and_the_choices_are_a_click_away(trainer: Trainer, music: Path) -> None:
    trainer.kind = "astray"
    trainer.choose(music)
    trainer.setup.start.click()
    trainer.until_phase(Phase.FAILED)
    assert trainer.page.state.text() == "No piece in the folder has notes."
    assert not trainer.page.go_on.isVisible()
    trainer.page.back.click()
    assert trainer.setup.isVisible()
    assert not (trainer.presenter.models / "slow-airs").exists()


def test_killed_from_outside_it_says_so_and_goes_on(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    trainer.stage.until((trainer.course.order.work / "checkpoint.pt").is_file)
    os.kill(trainer.training.process.pid, signal.SIGKILL)
    trainer.until_phase(Phase.FAILED)
    assert trainer.page.state.text() == UNEXPECTED
    assert trainer.page.go_on.isVisible()
    trainer.page.go_on.click()
    trainer.until_phase(Phase.LEARNING)
    units = [at for at, _ in trainer.course.learnt]
    assert units == sorted(set(units))


def test_an_end_while_the_sheet_is_hidden_is_told_in_the_main_window(trainer: Trainer, music: Path) -> None:
    trainer.kind = "short"
    trainer.begin(music)
    trainer.sheet.close()
    trainer.stage.until(lambda: "is trained" in trainer.stage.window.notice.text)


# --- closing the program --------------------------------------------------------------------------------------------------


def leave(trainer: Trainer, answer: TrainingAnswer) -> Callable[[], bool]:
    closed: list[bool] = []
    trainer.stage.window.closed.connect(lambda: closed.append(True))
    trainer.stage.answers.about_training = answer
    trainer.stage.answers.about_unsaved = Answer.DISCARD
    trainer.stage.window.close()
    assert not closed
    return lambda: bool(closed)


def test_cancelled_leaving_goes_on_training(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    is_closed = leave(trainer, TrainingAnswer.CANCEL)
    trainer.stage.qtbot.wait(100)
    assert not is_closed()
    assert trainer.training.is_running
    assert trainer.course.asked == ""


@pytest.mark.parametrize(
    ("answer", "there", "gone"),
    [
        (TrainingAnswer.KEEP, "model.json", "training/nothing"),
        (TrainingAnswer.STOP, "training/checkpoint.pt", "model.json"),
        (TrainingAnswer.DISCARD, "", "training"),
    ],
)
def test_leaving_waits_until_the_training_has_ended(
    trainer: Trainer, music: Path, answer: TrainingAnswer, there: str, gone: str
) -> None:
    trainer.begin(music)
    output = trainer.course.order.output
    is_closed = leave(trainer, answer)
    trainer.stage.until(is_closed)
    assert not trainer.training.is_running
    assert (output / there).exists() == (answer is not TrainingAnswer.DISCARD)
    assert not (output / gone).exists()


def test_ended_by_the_system_it_saves_first(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    order = trainer.course.order
    trainer.presenter.close()
    assert order.can_go_on
    assert (order.work / "checkpoint.pt").read_text() == "40"
    assert json.loads((order.work / "order.json").read_text())["title"] == "Slow airs"


def test_every_state_has_words(trainer: Trainer, music: Path) -> None:
    trainer.begin(music)
    course = trainer.course
    for phase in Phase:
        course.phase = phase
        course.making, course.sentence = "measuring", "It failed."
        assert state_words(course)
        trainer.page.show_course(course)
        trainer.sheet.grab()
    QTest.qWait(1)
    course.phase = Phase.LEARNING
