"""The port's menu, another's clock, a port for a track, and how time is kept in words."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.messages import CLOCK, CONTINUE, START, STOP, Message, song_position
from musegen_app.playback.client import PlayerStatus
from musegen_app.ui.flows.following import Following
from musegen_app.ui.menus import fill_ports, fill_track_ports
from musegen_app.ui.presenters.status import details_of

QUARTER = 960


def action(menu: QMenu, *path: str) -> QAction:
    """The action of these words, through submenus."""
    for words in path[:-1]:
        menu = next(a for a in menu.actions() if a.text() == words).menu()
    return next(a for a in menu.actions() if a.text() == path[-1])


def opened(stage) -> QMenu:
    menu = QMenu()
    stage.studio.midi.fill(menu)
    return menu


# --- the menu ---------------------------------------------------------------------------------------------------------


def test_the_clock_is_sent_to_the_ports_that_are_ticked_and_that_is_remembered(stage) -> None:
    menu = opened(stage)
    action(menu, "Send clock to", "Volca").trigger()
    menu = opened(stage)
    action(menu, "Send clock to", "Main port").trigger()
    assert stage.player.told[-1] == ("clock", ("Volca", ""))
    assert stage.preferences.value.clock_ports == ("Volca", "")
    menu = opened(stage)
    assert action(menu, "Send clock to", "Volca").isChecked()
    assert not action(menu, "Send clock to", "Prophet-6").isChecked()
    action(menu, "Send clock to", "Volca").trigger()
    assert stage.player.told[-1] == ("clock", ("",))
    stage.player.told.clear()
    stage.studio.midi.start()
    assert ("clock", ("",)) in stage.player.told


def test_a_port_that_is_not_there_can_still_be_unticked(stage) -> None:
    stage.preferences.change(clock_ports=("Gone",), clock_input="Gone too")
    menu = opened(stage)
    assert action(menu, "Send clock to", "Gone").isChecked()
    assert action(menu, "Follow the clock of", "Gone too").isChecked()
    action(menu, "Send clock to", "Gone").trigger()
    assert stage.preferences.value.clock_ports == ()


def test_our_own_port_is_offered_where_there_can_be_one_and_elsewhere_what_takes_its_place(qapp) -> None:
    chosen: list[str] = []
    menu = QMenu()
    fill_ports(menu, PortList(("Volca",), virtual="MuseGen (virtual)"), "Volca", chosen.append)
    action(menu, "MuseGen (virtual)").trigger()
    assert chosen == ["MuseGen (virtual)"]
    windows = QMenu()
    fill_ports(windows, PortList(("Volca",), virtual_hint="Install loopMIDI."), "Volca", chosen.append)
    assert not action(windows, "Install loopMIDI.").isEnabled()


# --- a port for a track -----------------------------------------------------------------------------------------------


def test_a_track_gets_a_port_of_its_own_and_shows_it(stage) -> None:
    row = stage.studio.track_panel.rows[0]
    menu = stage.studio.track_panel.track_menu(row)
    assert action(menu, "Port", "Main port").isChecked()
    action(menu, "Port", "Volca").trigger()
    assert stage.document.active_track.port == "Volca"
    assert row._sound.text().startswith("Volca · ")
    stage.do("undo")
    assert stage.document.active_track.port == ""
    assert "Volca" not in row._sound.text()


def test_a_tracks_port_that_is_not_there_is_said_in_its_menu(qapp) -> None:
    chosen: list[str] = []
    menu = QMenu()
    fill_track_ports(menu, PortList(("A & B",)), "Gone", chosen.append)
    assert [a.text() for a in menu.actions()] == ["Main port", "A && B", "Gone (not there)"]
    assert action(menu, "Gone (not there)").isChecked()
    action(menu, "A && B").trigger()
    assert chosen == ["A & B"]


# --- how time is kept -------------------------------------------------------------------------------------------------


def test_the_tooltip_tells_the_lateness_and_what_the_priority_means(stage) -> None:
    line = stage.window.status.playback
    stage.player.now = PlayerStatus("Volca", "", "Real-time priority")
    stage.until(lambda: "measured while it plays" in line.toolTip())
    stage.player.now = PlayerStatus("Volca", "", "Real-time priority", 0.083, 0.02, 0.4)
    stage.until(lambda: "max" in line.toolTip())
    assert line.toolTip().splitlines() == [
        "Real-time priority: notes leave before any other program is heeded",
        "Lateness of events since playing began:",
        "p50 0.02 ms, p99 0.08 ms, max 0.40 ms",
    ]
    line.grab()
    assert "max 0.40 ms" in line.toolTip(), "painting leaves it"
    assert details_of(PlayerStatus()) == ""


# --- another's clock --------------------------------------------------------------------------------------------------


class Wire:
    """An input port at its protocol: the test puts messages on it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Message]] = []
        self.problem = ""
        self.closed = False

    @property
    def name(self) -> str:
        return "Drum machine"

    def look(self) -> bool:
        return False

    def receive(self) -> list[tuple[float, Message]]:
        found, self.waiting = self.waiting, []
        return found

    def close(self) -> None:
        self.closed = True


class Drums:
    """Another's clock, run by hand: the time that passes is told, not waited for."""

    def __init__(self, following: Following, wire: Wire) -> None:
        self._following, self._wire = following, wire
        self.now = time.perf_counter() - 1

    def say(self, *messages: Message) -> None:
        self._wire.waiting += [(self.now, message) for message in messages]

    def beats(self, count: float, bpm: float = 100) -> None:
        for _ in range(round(count * 24)):
            self.now += 60 / bpm / 24
            self.say((CLOCK,))

    def heed(self) -> None:
        for at_s, message in self._wire.receive():
            self._following._follower.hear(message, at_s)
        self._following._heed(self.now)


@pytest.fixture
def drums(stage, monkeypatch: pytest.MonkeyPatch) -> Drums:
    following, wire = stage.studio.midi.following, Wire()
    monkeypatch.setattr(following, "_listen", lambda _name: wire)
    stage.draw()
    stage.studio.midi.follow_clock("Drum machine")
    following._timer.stop()
    return Drums(following, wire)


def test_it_sets_off_and_stops_with_the_other_and_shows_its_tempo(stage, drums: Drums) -> None:
    tempo = stage.studio.bar.tempo
    drums.beats(3)
    drums.heed()
    assert (tempo.caption, tempo.text(), tempo.is_external) == ("External", "100.0", True)
    assert tempo.toolTip() == "Follows the clock of Drum machine"
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(tempo, key)
    QTest.mouseDClick(tempo, Qt.MouseButton.LeftButton)
    assert tempo.text() == "100.0", "it cannot be changed here"
    assert not stage.studio.playing.is_playing
    drums.say((START,))
    drums.beats(1 / 24)
    drums.heed()
    assert stage.studio.playing.is_playing
    assert ("play", 4, 0, None, False) in stage.player.told
    assert stage.player.bpm == pytest.approx(100, rel=0.001)
    drums.say((STOP,))
    drums.heed()
    assert not stage.studio.playing.is_playing
    assert stage.document.score.timeline.tempo_at(0).bpm == pytest.approx(120), "the piece keeps its own tempo"


def test_it_plays_faster_while_it_is_behind_and_goes_there_at_once_when_it_is_far(stage, drums: Drums) -> None:
    drums.beats(3)
    drums.say((START,))
    drums.beats(1 + 1 / 24)
    drums.heed()
    drums.beats(0.25)
    drums.heed()
    drums.beats(0.25)
    stage.player.tick = 1.5 * QUARTER - 30
    drums.heed()
    assert stage.player.bpm == pytest.approx(100 + 60 * (30 + 32) / QUARTER / 0.4, rel=0.02)  # it is 20 ms on by then
    stage.player.tick = 9.0 * QUARTER
    drums.beats(1)
    stage.player.told.clear()
    drums.heed()
    assert stage.player.told[-1][0] == "play"
    assert stage.player.told[-1][2] == pytest.approx(2.5 * QUARTER + 32, abs=10)


def test_a_place_that_is_told_is_gone_to_and_continued_from(stage, drums: Drums) -> None:
    drums.beats(3)
    drums.say(song_position(8))
    drums.heed()
    assert stage.studio.playing.tick == 2 * QUARTER
    drums.say((CONTINUE,))
    drums.beats(1 / 24)
    drums.heed()
    assert ("play", 4, 2 * QUARTER, None, False) in stage.player.told


def test_round_a_loop_the_place_within_it_counts(stage, drums: Drums) -> None:
    stage.document.set_loop((0, 4 * QUARTER))
    drums.beats(3)
    drums.say((START,))
    drums.beats(9 + 1 / 24)
    drums.heed()
    stage.player.tick = 1.0 * QUARTER
    drums.now += 0.001
    assert abs(drums._following._behind(drums.now)) < 10


def test_a_musician_who_stops_it_is_not_overruled_and_joins_in_again(stage, drums: Drums) -> None:
    drums.beats(3)
    drums.say((START,))
    drums.beats(1)
    drums.heed()
    stage.do("play")
    assert not stage.studio.playing.is_playing
    drums.beats(1)
    drums.heed()
    assert not stage.studio.playing.is_playing
    stage.do("play")
    drums.beats(1)
    drums.heed()
    assert stage.player.told[-1][2] == pytest.approx(3 * QUARTER, abs=QUARTER / 5)


def test_a_clock_that_falls_silent_stops_playing_and_says_so(stage, drums: Drums) -> None:
    drums.beats(3)
    drums.say((START,))
    drums.beats(1)
    drums.heed()
    drums.now += 0.6
    drums.heed()
    assert not stage.studio.playing.is_playing
    assert stage.window.notice.text == "The clock from Drum machine is silent; playing has stopped."
    assert (stage.studio.bar.tempo.caption, stage.studio.bar.tempo.is_external) == ("Tempo", False)
    assert stage.studio.bar.tempo.text() == "120.0"
    stage.window.notice.hide()
    drums.heed()
    assert stage.window.notice.text == "", "it is said once"


def test_an_input_that_is_not_there_is_told_in_one_sentence(stage) -> None:
    stage.studio.midi.follow_clock("Nobody")
    stage.until(lambda: bool(stage.studio.midi.following.problem))
    stage.until(lambda: "Nobody" in stage.window.notice.text)
    assert stage.window.notice.text.startswith("The MIDI port Nobody is not there; nothing is heard from it")
    assert stage.preferences.value.clock_input == "Nobody"
    stage.studio.midi.follow_clock("")
    assert stage.studio.midi.following.problem == ""
