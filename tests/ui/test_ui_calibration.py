"""The sheet that measures a delay: what it offers, shows and keeps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.messages import Message, note_on
from musegen_app.playback.calibration import RoundTrip
from musegen_app.ui.calibration_sheet import CalibrationSheet


class Wire:
    """A loopback at its protocol: what the player plays comes back 12 ms later."""

    def __init__(self, stage, *, broken: bool = False) -> None:
        self._stage, self._left = stage, [] if broken else list(range(32))
        self.problem, self.name, self.closed = "", "In", False

    def look(self) -> bool:
        return True

    def receive(self) -> list[tuple[float, Message]]:
        if not self._left:
            self._stage.player.tick = 1e9
            return []
        number = self._left.pop(0)
        self._stage.player.tick = (5 + number + 0.012 / 0.12) * 960
        return [(0.0, note_on(0, 48 + number, 64))]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def sheet(stage, monkeypatch: pytest.MonkeyPatch) -> CalibrationSheet:
    setup = stage.studio.midi
    monkeypatch.setattr(setup, "inputs", lambda: PortList(("In", "Other")))
    monkeypatch.setattr(setup.calibrating, "_listen", lambda _name: Wire(stage))
    menu = QMenu(stage.window)
    setup.fill(menu)
    next(action for action in menu.actions() if action.text() == "Measure the delay…").trigger()
    return setup.sheet


def press(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_keyboard_is_not_heard_meanwhile(stage, sheet: CalibrationSheet) -> None:
    recording = stage.studio.record.recording
    assert recording._tap is not None
    press(sheet.measure)
    assert recording._tap is None, "a loopback that is played through never ends"
    stage.until(sheet.use.isEnabled)
    assert recording._tap is not None


def test_a_delay_is_measured_and_taken_for_recordings_and_let_go(stage, sheet: CalibrationSheet) -> None:
    assert sheet.isVisible()
    assert (sheet.output.value, sheet.input.value) == ("Prophet-6", "In")
    assert not sheet.use.isEnabled()
    press(sheet.measure)
    assert (sheet.measure.text(), sheet.input.isEnabled()) == ("Stop", False)
    stage.until(sheet.use.isEnabled)
    assert sheet.median.text() == "12.0 ms"
    assert sheet.spread.text() == "± 0.0 ms, 32 of 32 notes"
    assert sheet.measure.text() == "Measure again"
    press(sheet.use)
    assert stage.preferences.value.record_offset_ms == 12.0
    assert sheet.offset.text() == "Recordings are moved 12.0 ms earlier"
    press(sheet.reset)
    assert stage.preferences.value.record_offset_ms == 0.0
    assert sheet.reset.isHidden()


def test_nothing_that_comes_back_is_a_sentence_on_the_sheet(
    stage, sheet: CalibrationSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.studio.midi.calibrating, "_listen", lambda _name: Wire(stage, broken=True))
    press(sheet.measure)
    stage.until(lambda: bool(sheet.problem.text()))
    assert sheet.problem.text() == "Nothing came back at In: connect Prophet-6 to it, or choose other ports."
    assert sheet.measure.text() == "Measure"
    assert not sheet.use.isEnabled()


def test_stopping_and_closing_end_it_and_say_nothing(stage, sheet: CalibrationSheet) -> None:
    calibrating = stage.studio.midi.calibrating
    press(sheet.measure)
    assert calibrating.is_running
    press(sheet.measure)
    assert not calibrating.is_running
    assert sheet.measure.text() == "Measure"
    press(sheet.measure)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not calibrating.is_running
    assert not sheet.isVisible()
    assert sheet.problem.text() == ""
    assert not stage.player.is_playing


def test_without_ports_it_says_why(qtbot) -> None:
    made = CalibrationSheet(None)
    qtbot.addWidget(made)
    made.offer(PortList(("Out",)), PortList((), "No MIDI system was found."), "Out")
    assert made.problem.text() == "No MIDI system was found."
    assert not made.measure.isEnabled()
    made.offer(PortList(("Out",)), PortList(("In",)), "Out")
    assert made.measure.isEnabled()
    made.show_result(RoundTrip(5.25, 0.61, 30))
    assert made.median.text() == "5.2 ms"
