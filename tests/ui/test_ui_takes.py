"""Eight takes in the window: heard, kept, joined, locked, varied, accepted as one step."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from takes_scene import BAR, QUARTER, cards, continue_, pitches, settle

from musegen_app.files import read_midi
from musegen_app.score import GENERATED, LIKED, LOCKED
from musegen_app.ui.flows.auditioning import bar_around
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.presenters.takes import NO_TAKE

LEFT = Qt.MouseButton.LeftButton


# --- eight at once ------------------------------------------------------------------------------------------------------


def test_eight_takes_come_as_pictures_ranked_the_first_one_in_the_roll(many) -> None:
    assert many.studio.panel.wish.takes == 8
    continue_(many)
    assert len(cards(many)) == 8
    assert many.studio.track_panel.takes.isVisible()
    assert [card.view.label for card in cards(many)] == [str(n) for n in range(1, 9)]
    ranks = [card.view.take.verdict.rank for card in cards(many)]
    assert ranks == list(range(1, 9))
    assert many.document.take.number == 0
    assert all(len(card.view.take.ghosts) == 32 for card in cards(many))
    assert "Ranked 1" in cards(many)[0].toolTip()
    assert "no loop" in cards(many)[0].toolTip()
    assert many.studio.panel.take.words[0].startswith("8 takes, 256 notes, ")


def test_the_first_take_streams_into_the_roll_while_all_fill_their_pictures(many) -> None:
    gate = threading.Event()
    many.hold_at(4, gate)
    many.do("continue")
    many.until(lambda: len(many.document.ghosts) >= 3)
    many.until(lambda: [len(card.view.take.ghosts) >= 3 for card in cards(many)] == [True] * 8)
    assert all(card.view.take.verdict is None for card in cards(many))
    gate.set()
    many.until(lambda: many.studio.panel.take.stage is TakeStage.WAITING)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_number_of_takes_is_chosen_and_remembered(many, count: int) -> None:
    many.studio.panel.takes.number.button(count).click()
    continue_(many)
    assert many.generator.requests[-1].takes == count
    assert len(cards(many)) == count
    assert many.preferences.value.takes == count


# --- hearing them -------------------------------------------------------------------------------------------------------


def test_a_click_puts_a_take_into_the_roll(many) -> None:
    continue_(many)
    card = cards(many)[3]
    QTest.mouseClick(card, LEFT, pos=card.picture.center().toPoint())
    assert many.document.take is card.view.take
    assert card.view.is_shown
    assert sum(card.view.is_shown for card in cards(many)) == 1


def test_while_it_plays_another_take_comes_at_the_next_bar_line(many) -> None:
    continue_(many)
    many.studio.playing.seek(BAR)
    many.do("play")
    many.player.tick = BAR + 1000.0
    first, card = many.document.take, cards(many)[2]
    other = card.view.take
    if other is first:
        card = cards(many)[4]
        other = card.view.take
    card.click()
    assert many.document.take is first
    assert cards(many)[cards(many).index(card)].view.is_coming
    heard = many.document.heard_score().tracks[0].notes
    heard = heard.take(heard.start >= BAR)
    assert pitches(heard)[:4] == pitches(first.ghosts)[:4]
    assert pitches(heard)[4:] == pitches(other.ghosts)[4:]
    many.player.tick = 2 * BAR + 10.0
    many.until(lambda: many.document.take.number == other.number)
    assert not any(card.view.is_coming for card in cards(many))


def test_stopping_puts_the_take_that_waits_into_the_roll(many) -> None:
    continue_(many)
    many.studio.playing.seek(BAR)
    many.do("play")
    many.do("next_take")
    waits = many.document.shelf.switch.index
    many.do("stop")
    assert many.document.shelf.shown == waits


@pytest.mark.parametrize(
    ("tick", "loop", "hold"),
    [
        (BAR + 5, None, (BAR, 2 * BAR)),
        (2 * BAR - 20, None, (BAR, 3 * BAR)),
        (BAR + 5, (BAR + 2, BAR + 960), (BAR + 2, BAR + 960)),
        (5, (BAR, 2 * BAR), (0, BAR)),
    ],
)
def test_the_line_that_is_waited_for(stage, tick: int, loop: tuple | None, hold: tuple) -> None:
    assert bar_around(stage.document.score.timeline, tick, loop) == hold


def test_a_double_click_plays_a_take_from_its_beginning(many) -> None:
    continue_(many)
    QTest.mouseDClick(cards(many)[1], LEFT, pos=cards(many)[1].picture.center().toPoint())
    assert many.player.is_playing
    assert many.player.tick == BAR
    assert many.document.take.number == cards(many)[1].view.take.number


def test_keys_go_through_the_takes(many) -> None:
    continue_(many)
    order = many.document.shelf.order
    many.studio.taking.hear(order[0])
    many.do("next_take")
    assert many.document.shelf.shown == order[1]
    many.do("last_take")
    many.do("last_take")
    assert many.document.shelf.shown == order[-1]
    card = cards(many)[2]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Down)
    assert many.document.shelf.shown == order[3]
    QTest.keyClick(cards(many)[3], Qt.Key.Key_Up)
    assert many.document.shelf.shown == order[2]
    cards(many)[5].setFocus()
    QTest.keyClick(cards(many)[5], Qt.Key.Key_Space)
    assert many.document.shelf.shown == order[5]


def test_without_takes_the_keys_say_so(stage) -> None:
    stage.studio.taking._say = (told := []).append
    stage.studio.taking.step(1)
    stage.studio.taking.star_shown()
    stage.studio.taking.mark_note(LOCKED)
    assert told == [NO_TAKE] * 3


# --- keeping, joining, accepting ----------------------------------------------------------------------------------------


def test_a_star_keeps_a_take_through_the_next_generation(many) -> None:
    continue_(many)
    card = cards(many)[4]
    kept = pitches(card.view.take.ghosts)
    QTest.mouseClick(card, LEFT, pos=card.star_area.center().toPoint())
    assert card.view.take.is_starred
    continue_(many, "again")
    assert len(cards(many)) == 9
    assert pitches(cards(many)[-1].view.take.ghosts) == kept
    many.do("reject")
    settle(many)
    assert len(cards(many)) == 1
    cards(many)[0].click()
    assert pitches(many.document.ghosts) == kept
    assert many.studio.panel.take.stage is TakeStage.WAITING
    many.do("accept")
    assert pitches(many.notes)[4:] == kept


def test_bars_dragged_over_on_a_picture_go_into_the_take_in_the_roll(many) -> None:
    continue_(many)
    many.studio.taking.hear(many.document.shelf.order[0])
    before, card = many.document.ghosts, cards(many)[1]
    area = card.picture
    at = [QPoint(round(area.left() + area.width() * share), round(area.center().y())) for share in (0.3, 0.45)]
    QTest.mousePress(card, LEFT, pos=at[0])
    QTest.mouseMove(card, at[1])
    QTest.mouseRelease(card, LEFT, pos=at[1])
    assert card.chosen == (3 * BAR, 5 * BAR)
    assert card.use.text() == "Use bars 4–5"
    QTest.mouseClick(card.use, LEFT)
    expected = pitches(before)[:8] + pitches(card.view.take.ghosts)[8:16] + pitches(before)[16:]
    assert pitches(many.document.ghosts) == expected
    assert card.chosen is None


def test_bars_marked_in_the_roll_are_offered_in_a_takes_menu(many) -> None:
    continue_(many)
    many.document.set_loop((2 * BAR, 3 * BAR))
    other = next(card.view.index for card in cards(many) if not card.view.is_shown)
    menu = many.studio.track_panel.takes.take_menu(other)
    words = [action.text() for action in menu.actions() if action.text()]
    assert "Use bar 3" in words
    before = pitches(many.document.ghosts)
    next(action for action in menu.actions() if action.text() == "Use bar 3").trigger()
    theirs = pitches(many.document.shelf.takes[other].ghosts)
    assert pitches(many.document.ghosts) == before[:4] + theirs[4:8] + before[8:]
    menu.close()


def test_accepting_is_one_step_of_undo(many) -> None:
    continue_(many)
    many.studio.taking.use_bars(many.document.shelf.order[2], (2 * BAR, 3 * BAR))
    before, joined = many.notes, pitches(many.document.ghosts)
    many.do("accept")
    assert pitches(many.notes)[4:] == joined
    assert (many.notes.flags[4:] & GENERATED).all()
    many.do("undo")
    assert many.notes == before


# --- locks, likes, how different ----------------------------------------------------------------------------------------


def test_locked_ghosts_stay_in_all_takes_when_drawn_again(many) -> None:
    continue_(many)
    locked = many.document.ghosts.take(slice(4, 8))
    many.studio.taking.mark(locked.id.tolist(), LOCKED)
    continue_(many, "again")
    places = set(zip(locked.start.tolist(), locked.pitch.tolist(), strict=True))
    for take in many.document.shelf.takes:
        assert places <= set(zip(take.ghosts.start.tolist(), take.ghosts.pitch.tolist(), strict=True))
    assert len(many.document.take.locks) == 4
    many.do("accept")
    assert not (many.notes.flags & LOCKED).any()


def test_ctrl_click_locks_a_ghost_and_the_key_its_bar(many) -> None:
    continue_(many)
    many.studio.roll.reveal(BAR, 9 * BAR)
    canvas, view = many.studio.roll.canvas, many.studio.roll.view.viewport
    ghost = next(note for note in many.document.ghosts if note.start == 2 * BAR)
    many.studio.roll.view.show(replace(view, top_px=max((127 - ghost.pitch - 5) * view.row_px, 0.0)))
    view = many.studio.roll.view.viewport
    x = round(view.x_of(ghost.start + QUARTER / 2))
    place = QPoint(x, round(view.y_of(ghost.pitch) + view.row_px / 2))
    notes = many.notes
    QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.ControlModifier, place)
    assert many.notes == notes
    assert many.document.take.locks.start.tolist() == [ghost.start]
    many.studio.playing.seek(2 * BAR + 10)
    many.studio.taking._roll = None
    many.do("lock_bar")
    assert many.document.take.locks.start.tolist() == [2 * BAR + QUARTER * i for i in range(4)]
    many.do("like_note")
    assert many.document.take.likes.start.tolist() == [2 * BAR]
    many.studio.roll.canvas.grab()


def test_how_different_draws_only_a_part_anew(many, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musegen_app.ui.flows.generating.is_guided", lambda _manifest: True)
    many.studio.panel.takes.number.button(2).click()
    continue_(many)
    there = set(zip(many.document.ghosts.start.tolist(), many.document.ghosts.pitch.tolist(), strict=True))
    many.studio.panel.takes.different.set_value(0.25)
    continue_(many, "again")
    assert len(many.generator.requests[-1].standing) == 24
    for take in many.document.shelf.takes:
        now = set(zip(take.ghosts.start.tolist(), take.ghosts.pitch.tolist(), strict=True))
        assert len(there - now) <= 8
        assert len(take.ghosts) == 32


def test_likes_are_remembered_in_the_file(many) -> None:
    continue_(many)
    many.studio.taking.mark(many.document.ghosts.id.tolist()[:2], LIKED)
    liked = [(note.start, note.pitch) for note in many.document.take.likes]
    many.do("accept")
    many.do("export")
    read = read_midi(many.answers.to_midi)
    assert [list(pair) for pair in sorted(liked)] == sorted(read.provenance[0].record["accepted"]["liked"])
    assert int(((read.score.tracks[0].notes.flags & LIKED) > 0).sum()) == 2


def test_a_click_on_a_take_leaves_space_and_enter_to_the_window(many) -> None:
    continue_(many)
    many.studio.roll.canvas.setFocus()
    QTest.mouseClick(cards(many)[2], LEFT, pos=cards(many)[2].picture.center().toPoint())
    assert not cards(many)[2].hasFocus()
    QTest.keyClick(many.window, Qt.Key.Key_Space)
    assert many.studio.playing.is_playing
    QTest.keyClick(many.window, Qt.Key.Key_Return)
    assert len(many.notes) > 4, "Enter keeps the take that was clicked"


def test_when_the_card_that_had_the_keyboard_goes_the_roll_has_it(many) -> None:
    continue_(many)
    cards(many)[3].setFocus(Qt.FocusReason.TabFocusReason)
    many.do("accept")
    settle(many)
    assert cards(many) == []
    assert many.studio.roll.canvas.hasFocus()


def test_the_take_in_the_roll_is_in_sight_in_the_list(many) -> None:
    many.window.resize(1060, 640)
    continue_(many)
    for _ in range(8):
        many.do("next_take")
        settle(many)
        card = next(card for card in cards(many) if card.view.is_shown)
        many.until(lambda card=card: card.visibleRegion().boundingRect().height() == card.height())
