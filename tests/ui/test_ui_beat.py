"""The beat: swing, counting in, and where the metronome clicks."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from musegen_app.playback.metronome import Click
from musegen_app.score import EIGHTHS, SIXTEENTHS, STRAIGHT, Note, Swing
from musegen_app.ui.flows.playing import UPDATE_MS

QUARTER = 960


def choose(menu: QMenu, *path: str) -> None:
    """Trigger the action at a path of texts."""
    for words in path:
        action = next(a for a in menu.actions() if a.text().startswith(words))
        if action.menu():
            menu = action.menu()
        else:
            action.trigger()


def beat_menu(stage) -> QMenu:
    menu = QMenu(stage.studio.bar)
    stage.studio.beat.fill(menu)
    return menu


def checked(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def test_the_field_swings_the_piece_as_one_step_of_undo_and_leaves_its_notes(stage) -> None:
    stage.draw()
    notes = stage.document.active_track.notes
    field = stage.studio.bar.swing
    assert field.text() == "Straight"
    for key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageUp, Qt.Key.Key_Up):
        QTest.keyClick(field, key)
    assert stage.document.score.timeline.swing == Swing(21)
    assert field.text() == "21 %"
    assert stage.document.active_track.notes == notes
    stage.do("undo")
    assert stage.document.score.timeline.swing == Swing(20)
    assert field.text() == "20 %"
    stage.do("undo")
    stage.do("undo")
    assert stage.document.score.timeline.swing == STRAIGHT
    assert field.text() == "Straight"


def test_a_typed_swing_stays_within_its_bounds(stage) -> None:
    field = stage.studio.bar.swing
    field.begin_typing()
    field._editor.setText("60.4")
    QTest.keyClick(field._editor, Qt.Key.Key_Return)
    assert stage.document.score.timeline.swing.percent == 60
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_PageUp)
    assert stage.document.score.timeline.swing.percent == 75


def test_the_menu_tells_and_changes_swing_and_its_steps(stage) -> None:
    choose(beat_menu(stage), "Swing", "Triplets")
    choose(beat_menu(stage), "Swing", "Sixteenths")
    assert stage.document.score.timeline.swing == Swing(33, SIXTEENTHS)
    swings = next(a.menu() for a in beat_menu(stage).actions() if a.text() == "Swing: 33 %")
    assert checked(swings) == ["Triplets, 33 %", "Sixteenths swing", "Swing in MIDI files"]
    stage.do("undo")
    assert stage.document.score.timeline.swing == Swing(33, EIGHTHS)


def test_what_plays_swings_at_once(stage) -> None:
    stage.draw()
    stage.do("play")
    stage.player.told.clear()
    choose(beat_menu(stage), "Swing", "Dotted")
    assert [told[0] for told in stage.player.told] == ["play"]


def test_counting_in_is_chosen_kept_and_told_to_the_player(stage) -> None:
    stage.draw()
    stage.do("play")
    assert stage.player.counts_in == 0
    stage.do("play")
    choose(beat_menu(stage), "Count 2 bars")
    assert checked(beat_menu(stage)) == ["Count 2 bars in"]
    assert stage.studio.actions["count_in"].isChecked()
    stage.do("play")
    assert stage.player.counts_in == 2
    stage.do("metronome")
    assert stage.player.counts_in == 0, "on the way nothing is counted"
    stage.do("play")
    stage.do("count_in")
    assert not stage.studio.actions["count_in"].isChecked()
    stage.do("count_in")
    stage.do("play")
    assert stage.player.counts_in == 1


def test_the_click_goes_where_it_is_sent(stage) -> None:
    choose(beat_menu(stage), "Click on port", "Volca")
    assert stage.player.told[-1] == ("click", Click("Volca", 9))
    choose(beat_menu(stage), "Click on channel", "3")
    assert stage.player.told[-1] == ("click", Click("Volca", 2))
    stage.player.port_list = type(stage.player.port_list)(("Prophet-6",))
    ports = next(a.menu() for a in beat_menu(stage).actions() if a.text() == "Click on port")
    assert checked(ports) == ["Volca (not there)"]
    choose(beat_menu(stage), "Click on port", "The main port")
    assert stage.player.told[-1] == ("click", Click("", 2))


def test_the_arrow_beside_the_metronome_opens_the_menu_by_keyboard(stage) -> None:
    button = stage.studio.bar.beat
    assert button.accessibleName()
    assert button.toolTip()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    menu = next(menu for menu in button.findChildren(QMenu))
    stage.until(menu.isVisible)
    menu.close()
    stage.until(lambda: not button.findChildren(QMenu))


def test_an_edit_reaches_the_player_in_the_same_breath(stage) -> None:
    stage.draw()
    stage.until(lambda: ("update", 4) in stage.player.told)
    stage.qtbot.wait(2 * UPDATE_MS)
    stage.do("play")
    stage.player.told.clear()
    stage.draw(Note(0, QUARTER, 80))
    stage.qtbot.wait(5)
    assert ("update", 5) in stage.player.told


def test_an_update_that_takes_long_is_followed_by_a_rest(stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.draw()
    stage.until(lambda: ("update", 4) in stage.player.told)
    stage.do("play")
    update = stage.player.update
    monkeypatch.setattr(stage.player, "update", lambda score: (time.sleep(0.05), update(score)))
    stage.player.told.clear()
    began = time.perf_counter()
    for pitch in range(70, 76):
        stage.draw(Note(0, QUARTER, pitch))
        stage.qtbot.wait(40)
    stage.until(lambda: ("update", 10) in stage.player.told)
    updates = sum(told[0] == "update" for told in stage.player.told)
    assert updates <= 1 + (time.perf_counter() - began) / 0.2
