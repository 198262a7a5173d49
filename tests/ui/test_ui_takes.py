"""Eight takes in the window: heard, kept, joined, locked, varied, accepted as one step, saved, and drawn again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from musegen_app.files import read_midi, read_project
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.score import GENERATED, LIKED, LOCKED, Change, Note
from musegen_app.score.provenance import numbers_of
from musegen_app.ui.flows.auditioning import bar_around
from musegen_app.ui.flows.generating import UNKNOWN
from musegen_app.ui.flows.replaying import BY_HAND, EDITED, OTHER_MODEL
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.presenters.takes import NO_TAKE

QUARTER = 960
BAR = 4 * QUARTER
LEFT = Qt.MouseButton.LeftButton


class Random:
    """A generator at the protocol: quarters by chance, in as many takes as are asked for; it stays off what stands."""

    name = "scale"

    def __init__(self) -> None:
        self.requests: list[GenerateRequest] = []
        self.hold: Callable[[int], None] = lambda _index: None

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        self.requests.append(request)
        chance = np.random.default_rng([request.seed_number, len(request.notes)])
        start, end = request.span
        ticks = request.kept.start.tolist() if request.keep else range(start, end, QUARTER)
        for index, tick in enumerate(ticks):
            self.hold(index)
            for take in range(request.takes):
                if cancelled():
                    return
                note = Note(tick, QUARTER, 48 + int(chance.integers(0, 30)))
                yield GeneratedNote(request.id, take, note, -float(chance.uniform(1, 4)))


@pytest.fixture
def many(stage):
    """The stage with a model that draws by chance and is guided, and a seed."""
    stage.generator = Random()
    stage.worker.forget()
    stage.draw()
    return stage


def continue_(stage, name: str = "continue") -> None:
    before = stage.generator.requests[-1] if stage.generator.requests else None
    stage.do(name)
    stage.until(lambda: bool(stage.generator.requests) and stage.generator.requests[-1] is not before)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    stage.until(lambda: stage.studio.panel.wish.takes == 1 or all(t.verdict for t in stage.document.shelf.takes[:2]))
    settle(stage)


def settle(stage) -> None:
    stage.studio.taking.show()


def cards(stage) -> list:
    return stage.studio.track_panel.takes.cards


def shown_card(stage):
    return next(card for card in cards(stage) if card.view.is_shown)


def pitches(notes) -> list[int]:
    return notes.pitch.tolist()


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


# --- where notes came from, and drawing them again ----------------------------------------------------------------------


def saved_and_opened(stage) -> None:
    stage.do("save_as")
    path = stage.answers.to_project
    assert read_project(path).provenance
    stage.do("new")
    settle(stage)
    assert not stage.document.sources.provenance
    stage.studio.files.open_path(path)
    stage.until(lambda: stage.document.score.note_count > 0)


def replay(stage) -> None:
    before = stage.generator.requests[-1]
    made = stage.notes.take((stage.notes.flags & GENERATED) > 0)
    stage.document.select(made.id.tolist())
    stage.do("replay")
    stage.until(lambda: stage.generator.requests[-1] is not before)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


def test_replay_gives_the_same_notes_after_saving_and_opening(many) -> None:
    continue_(many)
    many.studio.taking.hear(5)
    many.do("accept")
    accepted = pitches(many.notes)
    saved_and_opened(many)
    assert (numbers_of(many.notes)[4:] == 1).all()
    replay(many)
    assert pitches(many.document.ghosts) == accepted[4:]
    assert many.document.take.number == 5
    many.do("accept")
    assert pitches(many.notes) == accepted
    assert len(many.document.sources.provenance) == 1


def test_replay_from_a_midi_file(many) -> None:
    continue_(many)
    many.do("accept")
    accepted = pitches(many.notes)
    many.do("export")
    before = many.document.score
    many.studio.files.open_path(many.answers.to_midi)
    many.until(lambda: many.document.score is not before)
    assert many.document.shelf.takes == ()
    replay(many)
    assert pitches(many.document.ghosts) == accepted[4:]


def test_replay_says_what_is_not_as_it_was(many) -> None:
    told: list[str] = []
    many.studio.generating.told.connect(told.append)
    continue_(many)
    many.studio.taking.use_bars(3, (2 * BAR, 3 * BAR))
    many.do("accept")
    drawn = many.generator.requests[-1]
    replay(many)
    assert told == [BY_HAND]
    many.do("reject")
    first = many.notes.take(slice(0, 1))
    moved = Change.of_notes(many.document.active_track_id, removed=first)
    many.document.edit("Delete", moved)
    (generation,) = many.document.sources.provenance
    record = {**generation.record, "sha256": "ab" * 32}
    many.document.sources = replace(many.document.sources, provenance=(replace(generation, record=record),))
    replay(many)
    assert told[-1] == f"{OTHER_MODEL} {EDITED} {BY_HAND}"
    assert pitches(many.generator.requests[-1].notes) == pitches(drawn.notes)


def test_replay_of_a_model_that_is_gone_or_of_nothing_is_one_sentence(many) -> None:
    told: list[str] = []
    many.studio.taking._say = told.append
    many.do("replay")
    many.document.select(many.notes.id.tolist())
    many.do("replay")
    continue_(many)
    many.do("accept")
    many.studio.generating.know(())
    many.studio.taking.replay(1)
    many.studio.taking.replay(77)
    damaged = replace(many.document.sources.provenance[0], record={"format": 1, "model": 5})
    many.document.sources = replace(many.document.sources, provenance=(damaged,), asked={})
    many.studio.taking.replay(1)
    assert told[0] == "Select notes that were generated."
    assert told[1] == told[3] == UNKNOWN
    assert "is not installed" in told[2]
    assert "damaged" in told[4]
    assert len(many.generator.requests) == 1


def test_the_history_lists_what_was_accepted(many) -> None:
    assert not many.studio.track_panel.takes.history.isEnabled()
    continue_(many)
    many.do("accept")
    settle(many)
    assert many.studio.track_panel.takes.history.isEnabled()
    many.studio.track_panel.takes.open_history()
    menu = many.studio.track_panel.takes._menu()
    many.studio.taking.fill_history(menu)
    (action,) = menu.actions()
    number = many.generator.requests[-1].seed_number
    assert action.text() == f"Replay bars 2–9: Scale, seed number {number}, take 1"
    action.trigger()
    many.until(lambda: len(many.generator.requests) == 2)
    many.until(lambda: many.studio.panel.take.stage is TakeStage.WAITING)
    assert many.generator.requests[1].seed_number == number
    menu.close()


def test_another_piece_takes_its_takes_with_it(many) -> None:
    continue_(many)
    many.studio.taking.star(0)
    many.do("new")
    settle(many)
    assert cards(many) == []
    assert not many.studio.track_panel.takes.isVisible()
