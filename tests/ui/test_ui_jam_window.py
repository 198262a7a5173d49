"""The Jam tab and its keys in the whole window: what it shows, what it remembers, and what waits meanwhile."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from musegen_app.editor.jam import JamMode
from musegen_app.midi_io.messages import note_on
from musegen_app.score import Note
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.panels.wish import Mode

Q = 960
BAR = 4 * Q


def at(stage, tick: float) -> None:
    """The playhead comes here."""
    stage.player.tick = tick
    stage.studio.playing.moved.emit(tick)


def test_the_tab_the_button_the_key_and_the_meter_say_whose_turn_it_is(stage) -> None:
    panel, jamming = stage.studio.panel, stage.studio.jam.jamming
    meter = panel.jam.meter
    panel.tabs.choose(Mode.JAM)
    assert panel.take.main.text() == "Jam"
    assert panel.take.main.isEnabled(), "an empty piece is as good as any"
    assert panel.jam.isVisible()
    assert not panel.takes.isVisible()
    panel.tabs.choose(Mode.CONTINUE)
    QTest.keyClick(stage.window, Qt.Key.Key_J)
    assert panel.mode is Mode.JAM
    assert panel.take.stage is TakeStage.LISTENING
    assert panel.take.main.text() == "Stop jamming"
    assert not any(stage.studio.actions[name].isEnabled() for name in ("accept", "reject", "again"))
    assert stage.studio.actions["jam"].isChecked()
    assert meter.view.words == "Play a note"
    stage.studio.record.recording._arrived((time.perf_counter(), note_on(0, 60, 90)))
    at(stage, 2 * BAR)
    assert (meter.view.words, meter.view.aside) == ("You play", "answers at bar 5")
    assert (meter.view.cells, meter.view.filled) == (4, 2)
    assert meter.accessibleDescription() == "You play"
    at(stage, 4 * BAR)
    stage.until(lambda: jamming.writer.drawn >= 6 * BAR)
    at(stage, 4 * BAR)
    assert meter.view.words == "It answers"
    assert meter.view.aside.endswith("bars ahead")
    assert not meter.view.is_yours
    assert not stage.studio.actions["again"].isEnabled()
    assert stage.studio.actions["accept"].isEnabled()
    assert panel.take.stage is TakeStage.JAMMING
    at(stage, 5 * BAR + Q)
    panel.take.main.click()
    assert not jamming.is_on
    assert panel.take.main.text() == "Jam"
    assert panel.take.stage is TakeStage.WAITING
    QTest.keyClick(stage.window, Qt.Key.Key_Escape)
    assert panel.take.stage is TakeStage.IDLE
    assert meter.view.words == "Ready"


def test_choices_are_followed_and_remembered_and_continue_waits(stage) -> None:
    panel, jamming = stage.studio.panel, stage.studio.jam.jamming
    stage.draw(*(Note(i * Q, Q, 60) for i in range(4)))
    stage.do("jam")
    panel.jam.modes.button(JamMode.TRADE).click()
    panel.jam.bars.button(2).click()
    assert (stage.preferences.value.jam_mode, stage.preferences.value.jam_bars) == ("trade", 2)
    at(stage, BAR)
    stage.until(lambda: jamming.writer.drawn == 3 * BAR)
    assert jamming.jam.answer_until == 3 * BAR
    panel.tabs.choose(Mode.CONTINUE)
    assert panel.take.main.text() == "Stop jamming", "wherever one looks"
    before = len(stage.document.ghosts)
    stage.do("continue")
    assert "jam goes on" in stage.studio.window.status.music.text()
    assert jamming.is_on
    assert len(stage.document.ghosts) == before
    stage.do("jam")
    panel.tabs.choose(Mode.CONTINUE)
    assert panel.take.main.text().startswith("Continue")


def test_a_track_that_no_model_hears_is_not_jammed_on(stage) -> None:
    stage.studio.tracks.mute(stage.document.active_track_id, on=True)
    stage.do("jam")
    assert not stage.studio.jam.jamming.is_on
    assert not stage.studio.actions["jam"].isChecked()
    assert "track is muted" in stage.studio.window.status.music.text()
