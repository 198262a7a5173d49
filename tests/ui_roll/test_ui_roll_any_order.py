"""Mouse, keys and edits in any order: nothing breaks, and everything can be taken back."""

from __future__ import annotations

import random

import pytest
from drawn_takes import add_ghosts, begin_take
from PySide6.QtCore import QPoint, Qt
from roll_stage import ALT, CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Stage, move, picture, press, release, wheel

from musegen_app.editor import commands
from musegen_app.editor.grid import SNAPS
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import Note

ACTIONS = 250
Key = Qt.Key
KEYS = (Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right, Key.Key_D, Key.Key_B, Key.Key_Escape)


class Hand:
    """Does one random thing after another."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.random = stage, random.Random(seed)
        self.parts = (stage.canvas, stage.canvas, stage.canvas, stage.roll.lane, stage.roll.ruler, stage.roll.overview)
        self.part, self.button, self.held = stage.canvas, LEFT, NONE

    def place(self) -> QPoint:
        wide, high = self.part.width(), self.part.height()
        return QPoint(self.random.randint(-80, wide + 80), self.random.randint(-40, high + 40))

    def act(self) -> None:
        self.random.choice((self.press, self.move, self.move, self.release, self.key, self.wheel, self.edit, self.take))()

    def press(self) -> None:
        self.part, self.button = self.random.choice(self.parts), self.random.choice((LEFT, LEFT, RIGHT, MIDDLE))
        self.held = self.random.choice((NONE, NONE, SHIFT, CTRL, ALT))
        inside = QPoint(self.random.randrange(self.part.width()), self.random.randrange(self.part.height()))
        press(self.part, inside, self.button, self.held)

    def move(self) -> None:
        move(self.part, self.place(), self.random.choice((self.button, self.button, Qt.MouseButton.NoButton)), self.held)

    def release(self) -> None:
        release(self.part, self.place(), self.button, self.held)

    def key(self) -> None:
        self.stage.key(self.random.choice(KEYS), self.random.choice((NONE, SHIFT, CTRL)))

    def wheel(self) -> None:
        steps = QPoint(self.random.randint(-3, 3), self.random.choice((-2, -1, 1, 2)))
        wheel(self.stage.canvas, QPoint(200, 200), steps, self.random.choice((NONE, SHIFT, CTRL, CTRL | SHIFT)))

    def edit(self) -> None:
        document = self.stage.document
        document.snap = self.random.choice(SNAPS)
        text = commands.copy(document)
        self.random.choice(
            (
                document.undo,
                document.redo,
                lambda: commands.select_all(document),
                lambda: commands.delete(document),
                lambda: commands.quantise(document, 240),
                lambda: commands.paste(document, text, self.random.randrange(9000)),
            )
        )()

    def take(self) -> None:
        document = self.stage.document
        begin_take(document, GenerateRequest(document.seed_notes(), document.score.timeline, 2))
        add_ghosts(document, [Note(self.random.randrange(20_000), 300, self.random.randrange(128))])
        self.random.choice((document.accept_take, document.reject_take, lambda: None))()


@pytest.mark.parametrize("seed", range(6))
def test_nothing_breaks_and_everything_can_be_taken_back(stage: Stage, seed: int) -> None:
    hand, before = Hand(stage, seed), stage.document.score.tracks
    for _ in range(ACTIONS):
        hand.act()
        notes = stage.document.active_track.notes
        assert len(set(notes.id.tolist())) == len(notes)
        assert stage.document.selection <= set(notes.id.tolist())
        if hand.random.random() < 0.15:
            shown = picture(stage.roll)
            stage.roll.set_palette(stage.roll.view.palette)  # everything anew
            assert (picture(stage.roll) == shown).all()
    stage.canvas.cancel_gesture()
    assert stage.heard[-1:] in ([], [None])
    after = stage.document.score.tracks
    undone = 0
    while stage.document.undo():
        undone += 1
    assert stage.document.score.tracks == before
    for _ in range(undone):
        stage.document.redo()
    assert stage.document.score.tracks == after
