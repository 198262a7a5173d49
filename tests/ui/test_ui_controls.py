"""Controls: what a musician does with mouse and keyboard is what is told, and values set from outside are quiet."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from musegen_app.score import Metre, Tempo, Timeline
from musegen_app.ui.controls.choice import Choice
from musegen_app.ui.controls.number_field import NumberField
from musegen_app.ui.controls.position import position_text
from musegen_app.ui.controls.range_row import PIANO, RangeRow
from musegen_app.ui.controls.seed_row import SeedRow
from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.controls.toggle import Toggle

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(qtbot: QtBot):
    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(256, max(widget.sizeHint().height(), 20))
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def test_a_segment_clicked_is_the_value(shown) -> None:
    row = shown(Segmented([(bars, str(bars)) for bars in (2, 4, 8)], "Length"))
    told: list[object] = []
    row.changed.connect(told.append)
    row.set_value(8)
    assert row.value == 8
    QTest.mouseClick(row.button(4), LEFT)
    assert (row.value, told) == (4, [4])
    row.set_value(5)
    assert row.value is None


def test_a_slider_jumps_to_the_click_and_back_on_a_double_click(shown) -> None:
    row = shown(SliderRow("Surprise", Scale(0.5, 1.5, 1.0, 0.05, "{:.2f}".format), ""))
    told: list[float] = []
    row.changed.connect(told.append)
    slider = row.slider
    QTest.mouseClick(slider, LEFT, pos=QPoint(slider.width() - 8, slider.height() // 2))
    assert told[-1] == pytest.approx(1.5, abs=0.05)
    QTest.mouseClick(slider, LEFT, pos=QPoint(8, slider.height() // 2))
    assert told[-1] == pytest.approx(0.5, abs=0.05)
    QTest.mouseDClick(slider, LEFT, pos=QPoint(8, slider.height() // 2))
    assert row.value == 1.0
    count = len(told)
    row.set_value(0.7)
    assert row.value == pytest.approx(0.7)
    assert len(told) == count


def test_a_scroll_over_a_slider_without_focus_goes_on_scrolling(shown) -> None:
    row = shown(SliderRow("Surprise", Scale(0, 10, 5, 1, str), ""))
    row.slider.clearFocus()
    at = QPointF(5, 5)
    wheel = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003
    )  # fmt: skip
    QApplication.sendEvent(row.slider, wheel)
    assert row.value == 5


def test_a_range_is_dragged_at_both_ends_and_keeps_an_octave(shown) -> None:
    row = shown(RangeRow("Range", ""))
    told: list[tuple[int, int]] = []
    row.changed.connect(lambda low, high: told.append((low, high)))
    assert row.value == (0, 127)
    slider, middle = row.slider, row.slider.height() // 2

    def drag(start: int, end: int) -> None:
        QTest.mousePress(slider, LEFT, pos=QPoint(round(slider.x_of(start)), middle))
        QTest.mouseMove(slider, QPoint(round(slider.x_of(end)), middle))
        QTest.mouseRelease(slider, LEFT, pos=QPoint(round(slider.x_of(end)), middle))

    slider.mousePressEvent(_press(slider.x_of(PIANO[0]), middle))
    slider._drag_to(slider.x_of(48))
    slider.mousePressEvent(_press(slider.x_of(PIANO[1]), middle))
    slider._drag_to(slider.x_of(72))
    assert row.value == (48, 72)
    assert told[-1] == (48, 72)
    slider._drag_to(slider.x_of(30))
    assert row.value == (48, 60)
    drag(60, 60)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert row.value == (48, 73)
    QTest.keyClick(slider, Qt.Key.Key_X)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert row.value == (47, 73)
    QTest.mouseDClick(slider, LEFT)
    assert row.value == (0, 127)


def _press(x: float, y: float):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    at = QPointF(x, y)
    return QMouseEvent(QEvent.Type.MouseButtonPress, at, at, LEFT, LEFT, Qt.KeyboardModifier.NoModifier)


def test_a_toggle_is_its_whole_row(shown) -> None:
    toggle = shown(Toggle("Stay in D minor", ""))
    told: list[bool] = []
    toggle.toggled.connect(lambda _on: told.append(toggle.isChecked()))
    QTest.mouseClick(toggle, LEFT, pos=QPoint(4, 10))
    assert toggle.isChecked()
    toggle.setFocus()
    QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert told == [True, False]


def test_a_number_is_dragged_scrolled_typed_and_bounded(shown, qtbot: QtBot) -> None:
    field = shown(NumberField("Tempo", (5, 999), 70, ""))
    told: list[float] = []
    settled: list[int] = []
    field.changed.connect(told.append)
    field.settled.connect(lambda: settled.append(1))
    field.set_value(120)
    assert told == []
    assert field.text() == "120.0"
    QTest.mousePress(field, LEFT, pos=QPoint(20, 20))
    QTest.mouseMove(field, QPoint(20, 0))
    QTest.mouseRelease(field, LEFT, pos=QPoint(20, 0))
    assert field.value == 130
    assert len(settled) == 1
    field.begin_typing()
    field._editor.setText("96.5")
    QTest.keyClick(field._editor, Qt.Key.Key_Return)
    assert field.value == 96.5
    assert told[-1] == 96.5
    field.begin_typing()
    field._editor.setText("30")
    QTest.keyClick(field._editor, Qt.Key.Key_Escape)
    assert field.value == 96.5
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.value == 97.5
    field._change(5000)
    assert field.value == 999


def test_a_seed_number_is_new_each_time_unless_it_is_held(shown) -> None:
    row = shown(SeedRow())
    assert len({row.next_number() for _ in range(8)}) > 1
    QTest.mouseClick(row.held, LEFT)
    row.show_number(20_417)
    assert {row.next_number() for _ in range(4)} == {20_417}
    assert row.held.icon_name == "lock"
    QTest.mouseClick(row.dice, LEFT)
    assert row.next_number() != 20_417
    row.number.clear()
    assert row.next_number() == 0


def test_a_choice_shows_the_words_and_tells_the_value(shown) -> None:
    choice = shown(Choice("Style", ""))
    told: list[str] = []
    choice.chosen.connect(told.append)
    choice.offer({"folk": "Folk", "chorale": "Chorale"}, "chorale")
    assert (choice.value, choice.text()) == ("chorale", "Chorale")
    choice.set_value("polka")
    assert choice.value == "chorale"
    choice._choose("folk")
    assert told == ["folk"]
    choice.offer({}, "")
    assert (choice.value, choice.text()) == ("", "")


@pytest.mark.parametrize(
    ("tick", "place", "clock"),
    [(0, "1.1.1", "0:00.0"), (960, "1.2.1", "0:00.5"), (3840 * 4 + 2160, "5.3.2", "0:09.1"), (-5, "1.1.1", "0:00.0")],
)
def test_a_place_is_told_in_bars_and_time(tick: float, place: str, clock: str) -> None:
    assert position_text(tick, Timeline()) == (place, clock)


def test_minutes_roll_over() -> None:
    timeline = Timeline.made((Tempo.of_bpm(60),), (Metre(0, 3, 4),))
    assert position_text(960 * 61, timeline) == ("21.2.1", "1:01.0")
