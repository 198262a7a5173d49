"""The parts of the Train window by themselves: axes, curves, samples, what is heard in the piece's place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from musegen_app.files import read_midi
from musegen_app.jobs.training_events import Broke, Measured, Progressed, Sampled
from musegen_app.jobs.training_order import TrainingOrder
from musegen_app.ui.colours import qt_palette
from musegen_app.ui.theme import DARK, LIGHT
from musegen_app.ui.train.axes import loss_axis, loss_words, time_words, units_axis, units_words
from musegen_app.ui.train.course import Course, Phase
from musegen_app.ui.train.curves import Curves
from musegen_app.ui.train.left_out import LeftOut
from musegen_app.ui.train.sample_list import SampleList

SEED = Path(__file__).resolve().parents[2] / "resources" / "seeds" / "folk.mid"
FALLING = [(units, 2.0 + 300.0 / units) for units in range(50, 5050, 50)]


@pytest.mark.parametrize("last", [1, 7, 990, 12_400, 3_200_000])
def test_the_units_axis_has_few_round_labels(last: int) -> None:
    axis = units_axis(last)
    assert 2 <= len(axis.ticks) <= 6
    assert axis.share(0) == 0
    assert axis.share(axis.high) == 1
    assert axis.ticks[-1] <= axis.high


@pytest.mark.parametrize(
    "curves", [[FALLING], [FALLING, [(4000, 2.4)]], [[(1, 3.0)]], [[(10, 3.0), (20, 3.0)]], [[(5, -41.0), (6, -40.2)]]]
)
def test_the_loss_axis_holds_what_settled_between_few_labels(curves: list[list[tuple[int, float]]]) -> None:
    axis = loss_axis(curves)
    assert 2 <= len(axis.ticks) <= 8
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high)
    assert all(axis.low <= curve[-1][1] <= axis.high for curve in curves)


def test_the_steep_beginning_does_not_squash_the_rest() -> None:
    assert loss_axis([[(1, 90.0), *FALLING]]).high < 4


def test_numbers_are_short() -> None:
    assert [units_words(n) for n in (0, 950, 12_400, 150_000, 2_000_000)] == ["0", "950", "12.4k", "150k", "2M"]
    assert [loss_words(2.5, step) for step in (1.0, 0.5, 0.02)] == ["2", "2.5", "2.50"]
    assert [time_words(s) for s in (-1, 5, 200, 3900)] == ["0:00", "0:05", "3:20", "1 h 05 min"]


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_the_held_out_curve_is_drawn_in_the_models_colour(qtbot: QtBot, palette) -> None:
    curves = Curves()
    qtbot.addWidget(curves)
    curves.setPalette(qt_palette(palette))
    curves.resize(640, 240)
    tone = QColor(palette.generated)
    blank = curves.grab().toImage()
    curves.show_curves(FALLING, [(2000, 2.3), (4000, 2.25)], "step")
    drawn = curves.grab().toImage()
    assert not any(blank.pixelColor(x, y) == tone for x in range(640) for y in range(240))
    assert sum(drawn.pixelColor(x, y) == tone for x in range(640) for y in range(240)) > 300
    assert curves.accessibleDescription() == "pieces it learns from 2.06, pieces held out 2.25"


@pytest.mark.parametrize("count", [1, 2, 5_000])
def test_curves_of_any_length_are_drawn(qtbot: QtBot, count: int) -> None:
    curves = Curves()
    qtbot.addWidget(curves)
    points = [(n, 3.0) for n in range(1, count + 1)]
    curves.show_curves(points, points, "note")
    curves.grab()
    curves.show_curves([], points, "note")
    curves.grab()


def course_in(folder: Path) -> Course:
    return Course(TrainingOrder(folder, folder / "m", "rbm", 5, "M"))


def test_gone_on_with_the_new_points_replace_those_past_the_checkpoint(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    assert course.unit == "step"
    for units in (100, 200, 300, 200, 250):
        course.receive(Progressed(0.1, 9, units, "step", float(units), None, 1, 1))
        course.receive(Measured(units, None, float(units)))
        course.receive(Sampled(tmp_path / f"{units}.mid", units))
    assert course.learnt == course.held_out == [(100, 100.0), (200, 200.0), (250, 250.0)]
    assert [sample.units for sample in course.samples] == [100, 200, 250]
    course.receive(Broke("It broke."))
    assert (course.phase, course.sentence, course.is_running) == (Phase.FAILED, "It broke.", False)


def test_samples_are_listed_newest_first_and_only_one_plays(qtbot: QtBot, tmp_path: Path) -> None:
    shown = SampleList()
    qtbot.addWidget(shown)
    first, second = (Sampled(tmp_path / f"{n}.mid", n * 12_400) for n in (1, 2))
    shown.show_samples([first], "note")
    kept = shown.buttons[first.path]
    shown.show_samples([first, second], "note")
    assert shown.buttons[first.path] is kept
    assert shown._rows.itemAt(0).widget().findChildren(type(kept))[0] is shown.buttons[second.path]
    with qtbot.waitSignal(shown.play_requested) as asked:
        kept.click()
    assert asked.args == [first.path]
    shown.show_playing(first.path)
    with qtbot.waitSignal(shown.stop_requested):
        kept.click()
    shown.show_playing(second.path)
    assert (kept.icon_name, shown.buttons[second.path].icon_name) == ("play", "stop")
    shown.show_samples([second], "note")
    assert list(shown.buttons) == [second.path]


def test_what_was_left_out_unfolds(qtbot: QtBot) -> None:
    line = LeftOut()
    qtbot.addWidget(line)
    line.show()
    assert not line.line.isVisible()
    line.show_sentences(["a.mid is broken."])
    assert line.line.text() == "1 file was left out ▾"
    assert not line.text.isVisible()
    line.line.click()
    assert line.text.isVisible()
    line.show_sentences(["a.mid is broken."])
    assert line.text.isVisible()


def test_another_piece_ends_by_itself_and_the_document_is_set_up_again(stage) -> None:
    stage.draw()
    playing, score = stage.studio.playing, read_midi(SEED).score
    heard: list[bool] = []
    playing.aside_changed.connect(heard.append)
    playing.play_aside(score)
    stage.qtbot.wait(60)
    assert heard == [True]
    stage.player.tick = score.end_tick + 1.0
    stage.until(lambda: heard == [True, False])
    stage.until(lambda: stage.player.told[-1] == ("update", 4))
    playing.play_aside(score)
    stage.do("panic")
    assert heard == [True, False, True, False]
    playing.end_aside()
    assert len(heard) == 4
