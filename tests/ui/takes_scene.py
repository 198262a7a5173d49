"""A model that draws several takes by chance, and what the tests of takes do and look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.score import Note
from musegen_app.ui.panels.take_box import Stage as TakeStage

QUARTER = 960
BAR = 4 * QUARTER


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
