"""The takes in the left panel, and what is done with them: hear, keep, join, lock, like, draw again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from musegen_app.editor import thoughts
from musegen_app.editor.document import Document, Topic
from musegen_app.editor.regions import fill_region, span_words
from musegen_app.editor.takes import Span, Take
from musegen_app.errors import MuseGenError
from musegen_app.generate.provenance import accepted_of
from musegen_app.score import LIKED, LOCKED, Generation, Note
from musegen_app.ui.actions import Command
from musegen_app.ui.flows.auditioning import Auditioning
from musegen_app.ui.flows.generating import UNKNOWN, Generating
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.panels.take_card import TakeView
from musegen_app.ui.panels.take_list import TakeList
from musegen_app.ui.roll.area import RollArea

SETTLE_MS: Final = 33
"""The pictures are drawn anew no more often than this: the roll has the first claim on the time there is."""
NO_TAKE: Final = "Continue first: there are no ghosts."
NO_GHOST: Final = "Point at a ghost, or put the playhead on one."
LOCK_TIP: Final = "The ghost under the pointer, or at the playhead, stays when others are drawn; Ctrl+click does so too"
LIKE_TIP: Final = "The ghost under the pointer, or at the playhead, is remembered as liked and goes last"
_SHOWS: Final = {Topic.TAKES, Topic.GHOSTS, Topic.LOADED, Topic.HISTORY}

Say = Callable[[str], None]


class TakesPresenter(QObject):
    """Joins the list of takes to the document, and has the commands for them."""

    def __init__(self, document: Document, generating: Generating, playing: Playing, say: Say) -> None:
        super().__init__()
        self._document, self._generating, self._playing, self._say = document, generating, playing, say
        self.auditioning = Auditioning(document, playing)
        self._list: TakeList | None = None
        self._roll: RollArea | None = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(SETTLE_MS)
        self._due.timeout.connect(self.show)
        self.auditioning.changed.connect(self.show)
        generating.told.connect(say)
        self._unsubscribe = document.subscribe(self._document_changed)

    def show_in(self, takes: TakeList, roll: RollArea) -> None:
        """Show the takes in this list; what is pointed at in ``roll`` can be locked and liked."""
        self._list, self._roll = takes, roll
        takes.chosen.connect(self.hear)
        takes.played.connect(self.play)
        takes.starred.connect(self.star)
        takes.bars_wanted.connect(self.use_bars)
        takes.focus_lost.connect(roll.canvas.setFocus)
        takes.fill_history = self.fill_history
        takes.fill_menu = self.fill_menu
        roll.canvas.lock_wanted.connect(lambda ghost_id: self.mark([ghost_id], LOCKED))
        self.show()

    def commands(self) -> tuple[Command, ...]:
        """Rows of the window's table."""
        return (
            Command("next_take", "Continue", "Next take", ("N",), lambda: self.step(1), "Hear the next take", gap=True),
            Command("last_take", "Continue", "Take before", ("Shift+N",), lambda: self.step(-1), "Hear the take before"),
            Command("star", "Continue", "Keep the take", ("S",), self.star_shown, "It stays when others are drawn"),
            Command("lock_note", "Continue", "Lock the note", ("K",), lambda: self.mark_note(LOCKED), LOCK_TIP),
            Command("lock_bar", "Continue", "Lock the bar", ("Shift+K",), lambda: self.mark_bar(LOCKED), LOCK_TIP),
            Command("like_note", "Continue", "Like the note", ("Y",), lambda: self.mark_note(LIKED), LIKE_TIP),
            Command("like_bar", "Continue", "Like the bar", ("Shift+Y",), lambda: self.mark_bar(LIKED), LIKE_TIP),
            Command(
                "replay",
                "Continue",
                "Replay what was generated",
                ("Ctrl+Shift+G",),
                self.replay_selected,
                "Draw the notes once more that the selected ones came from",
                gap=True,
            ),
        )

    def close(self) -> None:
        """Look no more."""
        self._due.stop()
        self.auditioning.close()
        self._unsubscribe()

    # --- what is shown ------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show the takes as they are now."""
        if self._list is None:
            return
        shelf = self._document.shelf
        views = [self._view(place, index) for place, index in enumerate(shelf.order, start=1)]
        count = len(shelf.takes)
        self._list.show_takes(views, str(count) if count else "", has_history=bool(self._document.sources.provenance))

    def _view(self, place: int, index: int) -> TakeView:
        shelf = self._document.shelf
        take = shelf.takes[index]
        return TakeView(
            index,
            str(place),
            take,
            tip_of(take),
            is_shown=index == shelf.shown,
            is_coming=index == self.auditioning.coming,
        )

    def _document_changed(self, topic: Topic) -> None:
        if topic in _SHOWS and not self._due.isActive():
            self._due.start()

    # --- what is done -------------------------------------------------------------------------------------------------

    def hear(self, index: int) -> None:
        """Show a take in the roll, at the next bar line while it plays."""
        self.auditioning.show(index)
        self._generating.take_shown()

    def play(self, index: int) -> None:
        """Play a take from its beginning."""
        self.auditioning.play(index)
        self._generating.take_shown()

    def step(self, towards: int) -> None:
        """Hear the next take of the list, or the one before."""
        order = self._document.shelf.order
        if not order:
            self._say(NO_TAKE)
            return
        shown = self.auditioning.coming if self.auditioning.coming >= 0 else self._document.shelf.shown
        place = order.index(shown) + towards if shown in order else 0
        self.hear(order[place % len(order)])

    def star(self, index: int) -> None:
        """Keep a take, or no longer."""
        self._document.put_shelf(self._document.shelf.starred(index))
        self.show()

    def star_shown(self) -> None:
        """Keep the take in the roll, or no longer."""
        if self._document.take is None:
            self._say(NO_TAKE)
        else:
            self.star(self._document.shelf.shown)

    def use_bars(self, index: int, span: Span) -> None:
        """Put bars of another take into the one in the roll."""
        document = self._document
        if document.take is None:
            self.hear(index)
            return
        document.put_shelf(document.shelf.joined(index, span))
        self._say(f"{_bars(document, span)} of take {self._label(index)} are in the take in the roll.")

    def mark_note(self, flag: int) -> None:
        """Lock or like the ghost that is pointed at, or the one at the playhead."""
        ghost = self._meant()
        if ghost is not None:
            self.mark([ghost.id], flag)

    def mark_bar(self, flag: int) -> None:
        """Lock or like the ghosts of the bar of the ghost that is meant."""
        ghost, take = self._meant(), self._document.take
        if ghost is not None and take is not None:
            timeline = self._document.score.timeline
            bar = timeline.bar_at(ghost.start)
            self.mark(take.in_span((timeline.bar_start(bar), timeline.bar_start(bar + 1))).id.tolist(), flag)

    def mark(self, ids: list[int], flag: int) -> None:
        """Turn a flag of ghosts over, and say what it means."""
        self._document.put_shelf(self._document.shelf.marked(ids, flag))
        take = self._document.take
        held = take is not None and bool((take.ghosts.having(ids).flags & flag).all())
        words = {LOCKED: ("Locked: stays when others are drawn", "Unlocked"), LIKED: ("Liked", "No longer liked")}
        self._say(words[flag][0 if held else 1])

    def _meant(self) -> Note | None:
        document = self._document
        if document.take is None:
            self._say(NO_TAKE)
            return None
        ghost_id = self._roll.canvas.pointing.ghost_under_pointer() if self._roll else 0
        pointed = thoughts.note_of(document, ghost_id) if ghost_id else None
        under = document.ghosts.overlapping(int(self._playing.tick), int(self._playing.tick) + 1)
        found = pointed or (document.ghosts[int(under[-1])] if len(under) else None)
        if found is None:
            self._say(NO_GHOST)
        return found

    def replay(self, number: int) -> None:
        """Draw a generation once more, or say why not."""
        try:
            self._generating.replay(number)
        except MuseGenError as error:
            self._say(str(error))

    def replay_selected(self) -> None:
        """Draw once more the generation that the selected notes came from, or that of the take in the roll."""
        document = self._document
        found = document.sources.generation_of(document.selected)
        number = found.number if found else 0
        if not number and not document.selected and document.take is not None:
            number = document.take.generation
        if number:
            self.replay(number)
        else:
            self._say(UNKNOWN if document.selected else "Select notes that were generated.")

    # --- menus --------------------------------------------------------------------------------------------------------

    def fill_history(self, menu: QMenu) -> None:
        """The generations that were accepted, the latest first; a click draws one again."""
        for generation in reversed(self._document.sources.provenance):
            action = menu.addAction(self._words(generation))
            action.setToolTip("Draw these notes again")
            action.triggered.connect(lambda _=False, number=generation.number: self.replay(number))

    def fill_menu(self, menu: QMenu, index: int) -> None:
        """What can be done with a take."""
        shelf = self._document.shelf
        take = shelf.takes[index]
        _add(menu, "Hear in the roll", lambda: self.hear(index))
        _add(menu, "Play from its beginning", lambda: self.play(index))
        _add(menu, "Let go" if take.is_starred else "Keep", lambda: self.star(index))
        region, card = fill_region(self._document), self._list.card_of(index) if self._list else None
        span = card.chosen if card and card.chosen else region.span if region else None
        if span is not None and index != shelf.shown and span[0] < take.span[1] and span[1] > take.span[0]:
            _add(menu, f"Use {_bars(self._document, span)}", lambda: self.use_bars(index, span))
        if take.generation:
            menu.addSeparator()
            _add(menu, "Replay: draw these takes again", lambda: self.replay(take.generation))

    def _words(self, generation: Generation) -> str:
        record = generation.record
        accepted = accepted_of(record)
        try:
            start, end = record["span"]
            where = _bars(self._document, (int(start), int(end)))
            take = f", take {accepted.take + 1}" if accepted and int(record["takes"]) > 1 else ""
            return f"Replay {where}: {record['title'] or record['model']}, seed number {record['seed']}{take}"
        except (KeyError, TypeError, ValueError):
            return f"Generation {generation.number}: what is known of it is damaged"

    def _label(self, index: int) -> str:
        return str(self._document.shelf.order.index(index) + 1)


def tip_of(take: Take) -> str:
    """Rank and why, and how to use the card."""
    verdict = take.verdict
    keys = "Click to hear it, double-click to play it, drag over bars to use them in the take in the roll"
    if verdict is None:
        return keys
    return "\n".join([f"Ranked {verdict.rank}: {100 * verdict.score:.0f} %", *verdict.reasons, keys])


def _bars(document: Document, span: Span) -> str:
    return span_words(document.score.timeline, *span)


def _add(menu: QMenu, words: str, slot: Callable[[], None]) -> QAction:
    action = menu.addAction(words)
    action.triggered.connect(slot)
    return action
