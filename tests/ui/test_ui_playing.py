"""The transport: what the player is told, where the playhead stands, ghosts heard as they come."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from musegen_app.midi_io.devices import PortList
from musegen_app.playback.client import PlayerStatus
from musegen_app.score import Note
from musegen_app.ui.controls.port_button import PortState
from musegen_app.ui.flows.playing import SILENT

QUARTER = 960


def test_play_pauses_where_it_is_and_stop_goes_back(stage) -> None:
    stage.draw()
    stage.studio.playing.seek(QUARTER)
    stage.do("play")
    assert stage.player.told[-1] == ("play", 4, QUARTER, None, False)
    assert stage.studio.actions["play"].isChecked()
    assert stage.studio.bar.play.icon_name == "pause"
    stage.player.tick = 3000.0
    stage.do("play")
    assert stage.studio.playing.tick == 3000.0
    stage.do("play")
    stage.player.tick = 4000.0
    stage.do("stop")
    assert stage.studio.playing.tick == 3000.0
    stage.do("stop")
    assert stage.studio.playing.tick == 0.0
    assert not stage.studio.actions["play"].isChecked()


def test_it_stops_by_itself_after_the_last_bar_but_not_in_a_loop(stage) -> None:
    stage.draw()
    stage.do("play")
    stage.player.tick = 4 * QUARTER + 1.0
    stage.until(lambda: not stage.studio.playing.is_playing)
    stage.document.set_loop((0, 4 * QUARTER))
    stage.do("play")
    assert stage.player.told[-1] == ("play", 4, 0, (0, 4 * QUARTER), False)
    stage.player.tick = 4 * QUARTER + 1.0
    stage.qtbot.wait(60)
    assert stage.studio.playing.is_playing


def test_ghosts_are_heard_as_they_come_and_playing_waits_for_more(stage) -> None:
    gate = threading.Event()
    stage.hold_at(3, gate)
    stage.draw()
    stage.do("play")
    stage.do("continue")
    stage.until(lambda: ("update", 7) in stage.player.told)
    stage.player.tick = 40 * 4.0 * QUARTER
    stage.qtbot.wait(60)
    assert stage.studio.playing.is_playing
    stage.player.tick = 0.0
    gate.set()
    stage.until(lambda: ("update", 36) in stage.player.told)
    stage.do("reject")
    stage.until(lambda: not stage.studio.playing.is_playing or stage.player.told[-1] == ("update", 4))


def test_edits_while_it_plays_reach_the_player_in_bundles(stage) -> None:
    stage.draw()
    stage.until(lambda: ("update", 4) in stage.player.told)
    stage.do("play")
    stage.player.told.clear()
    for pitch in range(70, 80):
        stage.draw(Note(0, QUARTER, pitch))
    stage.until(lambda: ("update", 14) in stage.player.told)
    assert sum(told[0] == "update" for told in stage.player.told) == 1


def test_an_edit_while_nothing_plays_sets_the_voices_for_auditioning(stage) -> None:
    stage.draw()
    stage.until(lambda: ("update", 4) in stage.player.told)
    assert not stage.studio.playing.is_playing


def test_loop_metronome_and_tempo_hold_at_once(stage) -> None:
    stage.draw()
    stage.do("play")
    stage.player.tick = 100.0
    stage.do("metronome")
    assert stage.player.told[-1] == ("play", 4, 100, None, True)
    assert stage.preferences.value.metronome
    stage.do("loop")
    assert stage.document.loop == (0, 16 * QUARTER)
    assert stage.player.told[-1] == ("play", 4, 100, (0, 16 * QUARTER), True)
    stage.do("loop")
    assert stage.document.loop is None
    stage.do("loop")
    assert stage.document.loop == (0, 16 * QUARTER)
    stage.studio.bar.tempo._change(90)
    assert stage.player.told[-1][0] == "play"
    assert round(stage.document.score.timeline.tempo_at(0).bpm) == 90
    assert stage.studio.actions["undo"].text() == "Undo change tempo"


def test_a_tempo_drag_is_one_step(stage) -> None:
    tempo = stage.studio.bar.tempo
    for bpm in (121, 122, 123):
        tempo._change(bpm)
    tempo.settled.emit()
    assert len(stage.document.history.done) == 1
    stage.do("undo")
    assert tempo.value == 120


def test_metre_and_snap_come_from_their_menus(stage) -> None:
    menu = QMenu()
    stage.studio.transport._fill_metres(menu)
    next(action for action in menu.actions() if action.text() == "6/8").trigger()
    assert stage.studio.bar.metre.text() == "6/8"
    assert stage.document.score.timeline.metre_at(0).denominator == 8
    snaps = QMenu()
    stage.studio.transport._fill_snaps(snaps)
    next(action for action in snaps.actions() if action.text() == "1/8").trigger()
    assert stage.studio.bar.snap.text() == "1/8"


def test_keys_come_from_their_menu(stage) -> None:
    menu = QMenu()
    stage.studio.transport._fill_keys(menu)
    major = next(action for action in menu.actions() if action.text() == "Major").menu()
    next(action for action in major.actions() if action.text() == "E♭ major").trigger()
    assert stage.studio.bar.key.text() == "E♭ major, locked"


def test_ports_are_read_anew_chosen_and_remembered(stage) -> None:
    menu = QMenu()
    stage.studio.midi.fill(menu)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Prophet-6", "Volca", "No port (silent)", "Send clock to", "Follow the clock of", "Measure the delay…",
    ]  # fmt: skip
    menu.actions()[1].trigger()
    assert ("port", "Volca") in stage.player.told
    assert stage.preferences.value.port == "Volca"
    stage.player.port_list = PortList((), "No MIDI system was found.")
    empty = QMenu()
    stage.studio.midi.fill(empty)
    assert empty.actions()[0].text() == "No MIDI system was found."
    stage.player.port_list = PortList((), "No MIDI system was found.", "FluidSynth is not installed.")
    hinted = QMenu()
    stage.studio.midi.fill(hinted)
    assert [action.text() for action in hinted.actions()[:2]] == [
        "No MIDI system was found.",
        "FluidSynth is not installed.",
    ]
    assert not hinted.actions()[1].isEnabled()


def test_the_first_port_that_is_heard_is_taken_until_one_is_chosen(stage) -> None:
    assert ("port", "Prophet-6") in stage.player.told
    playing = stage.studio.playing
    stage.player.told.clear()
    stage.player.port_list = PortList(("Midi Through Port-0",))
    playing.start("")
    assert stage.player.told == []
    stage.player.port_list = PortList(("Midi Through Port-0", "Volca"))
    stage.until(lambda: ("port", "Volca") in stage.player.told)
    stage.player.told.clear()
    playing.start(SILENT)
    assert stage.player.told == []
    playing.start("Prophet-6")
    assert stage.player.told == [("port", "Prophet-6")]


def test_where_fluidsynth_finds_no_audio_device_a_port_that_comes_later_is_taken(stage) -> None:
    playing = stage.studio.playing
    stage.player.port_list = PortList(("FluidSynth",))
    stage.player.now = PlayerStatus()
    stage.player.told.clear()
    playing.start("")
    stage.until(lambda: ("port", "FluidSynth") in stage.player.told)
    stage.player.now = PlayerStatus("FluidSynth")
    stage.until(lambda: playing.port == "FluidSynth")
    stage.player.port_list, stage.player.now = PortList(()), PlayerStatus("", "FluidSynth finds no audio device here.")
    stage.until(lambda: playing.port == "")
    stage.player.port_list = PortList(("Volca",))
    stage.until(lambda: ("port", "Volca") in stage.player.told)
    assert stage.preferences.value.port == ""


def test_choosing_no_port_is_remembered(stage) -> None:
    menu = QMenu()
    stage.studio.midi.fill(menu)
    next(action for action in menu.actions() if action.text() == "No port (silent)").trigger()
    assert stage.player.told[-1] == ("port", "")
    assert stage.preferences.value.port == SILENT


def test_the_port_and_how_it_does_are_shown(stage) -> None:
    assert stage.studio.bar.port.text() == "No MIDI port"
    stage.player.now = PlayerStatus("Volca", "", "Real-time priority", 0.083)
    stage.until(lambda: stage.studio.bar.port.state is PortState.OPEN)
    assert stage.window.status.playback.text() == "Volca · Real-time priority · lateness p99 0.08 ms"
    stage.player.now = PlayerStatus("Volca", "Volca is gone.", "Real-time priority", None)
    stage.until(lambda: stage.studio.bar.port.state is PortState.LOST)
    assert stage.window.status.playback.text() == "Volca is gone · Real-time priority"


def test_a_note_auditioned_is_let_go_on_its_own_channel(stage) -> None:
    stage.studio.playing.audition(60)
    stage.studio.playing.audition(62)
    stage.studio.tracks.set_channel(1, 3)
    stage.studio.playing.audition(None)
    assert [told for told in stage.player.told if told[0] in ("on", "off")] == [
        ("on", 0, 60), ("off", 0, 60), ("on", 0, 62), ("off", 0, 62),
    ]  # fmt: skip


def test_space_plays_wherever_the_focus_is_but_presses_a_focused_button(stage) -> None:
    stage.draw()
    stage.studio.roll.canvas.setFocus()
    QTest.keyClick(stage.studio.roll.canvas, Qt.Key.Key_Space)
    assert stage.studio.playing.is_playing
    stage.do("play")
    loop = stage.studio.actions["loop"]
    button = next(b for b in stage.studio.bar.findChildren(type(stage.studio.bar.play)) if b.defaultAction() is loop)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not stage.studio.playing.is_playing
    assert stage.document.loop is not None


def test_panic_and_return_to_start(stage) -> None:
    stage.do("panic")
    assert stage.player.told[-1] == ("panic",)
    stage.studio.playing.seek(5000)
    stage.do("to_start")
    assert stage.studio.playing.tick == 0
    assert stage.studio.bar.position.shown == ("1.1.1", "0:00.0")
