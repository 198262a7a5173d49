"""The takes under the tracks: small pictures, the best first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.controls.soon import soon
from musegen_app.ui.panels.take_card import HEIGHT_PX, TakeCard, TakeView

_GAP_PX = 6


class TakeList(QWidget):
    """Signals carry the take's index on the shelf. The list changes nothing itself.

    ``fill_history`` puts the piece's generations into a menu, ``fill_menu`` what can be done with a take.
    """

    chosen = Signal(int)
    played = Signal(int)
    starred = Signal(int)
    bars_wanted = Signal(int, object)
    focus_lost = Signal()
    """The card that had the keyboard is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[TakeCard] = []
        self._in_sight = (-1, -1)
        self._scroll = soon(self, self._scroll_to_shown)
        self.fill_history: Callable[[QMenu], None] = lambda _menu: None
        self.fill_menu: Callable[[QMenu, int], None] = lambda _menu, _index: None
        heading = QLabel("TAKES")
        heading.setProperty("kind", "heading")
        self.told = QLabel()
        self.told.setProperty("kind", "small")
        self.history = IconButton("history", size_px=28)
        self.history.setToolTip("Where the piece's generated notes came from, and to draw them again")
        self.history.setAccessibleName("Generations of this piece")
        self.history.clicked.connect(self.open_history)
        head = QHBoxLayout()
        head.setContentsMargins(20, 0, 10, 0)
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self.told)
        head.addWidget(self.history)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(12, 0, 12, 0)
        self._list.setSpacing(_GAP_PX)
        self._list.addStretch(1)
        scrolled = QWidget()
        scrolled.setObjectName("scrolled")
        scrolled.setLayout(self._list)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(scrolled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        self.setMinimumHeight(HEIGHT_PX + 44)
        self.setAccessibleName("Takes")
        self.show_takes((), "", has_history=False)

    def show_takes(self, views: Sequence[TakeView], told: str, *, has_history: bool) -> None:
        """Show these takes; cards stay where they are, and only those that changed are drawn anew."""
        while len(self.cards) > len(views):
            card = self.cards.pop()
            has_focus = card.hasFocus()
            card.hide()
            card.deleteLater()
            if has_focus:
                self.focus_lost.emit()
        for place, view in enumerate(views):
            if place == len(self.cards):
                self._add_card(view)
            elif self.cards[place].view != view:
                self.cards[place].show_view(view)
        self.told.setText(told)
        self.history.setEnabled(has_history)
        self._area.setVisible(bool(views))
        self.setVisible(bool(views) or has_history)
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """Scroll to the take that is in the roll, or comes next, whenever it is another one or has another place."""
        places = [place for place, card in enumerate(self.cards) if card.view.is_coming or card.view.is_shown]
        place = max(places, key=lambda place: self.cards[place].view.is_coming, default=-1)
        now = (place, self.cards[place].view.index if place >= 0 else -1)
        if now == self._in_sight:
            return
        self._in_sight = now
        self._scroll.start()

    def _scroll_to_shown(self) -> None:
        place, _ = self._in_sight
        if 0 <= place < len(self.cards):
            self._area.ensureWidgetVisible(self.cards[place], 0, _GAP_PX)

    def card_of(self, index: int) -> TakeCard | None:
        """The card of a take, by its index on the shelf."""
        return next((card for card in self.cards if card.view.index == index), None)

    def open_history(self) -> None:
        """Open the menu of generations."""
        menu = self._menu()
        self.fill_history(menu)
        menu.popup(self.history.mapToGlobal(self.history.rect().bottomLeft()))

    def take_menu(self, index: int) -> QMenu:
        """The context menu of a take."""
        menu = self._menu()
        self.fill_menu(menu, index)
        return menu

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu

    def _add_card(self, view: TakeView) -> None:
        card = TakeCard(view)
        card.clicked.connect(lambda: self.chosen.emit(card.view.index))
        card.played.connect(lambda: self.played.emit(card.view.index))
        card.starred.connect(lambda: self.starred.emit(card.view.index))
        card.bars_wanted.connect(lambda span: self.bars_wanted.emit(card.view.index, span))
        card.menu_wanted.connect(lambda event: self._open_menu(card, event))
        card.stepped.connect(lambda towards: self._step(card, towards))
        self.cards.append(card)
        self._list.insertWidget(self._list.count() - 1, card)

    def _step(self, card: TakeCard, towards: int) -> None:
        place = self.cards.index(card) + towards
        if 0 <= place < len(self.cards):
            self.cards[place].setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(self.cards[place])
            self.chosen.emit(self.cards[place].view.index)

    def _open_menu(self, card: TakeCard, event: QContextMenuEvent) -> None:
        self.take_menu(card.view.index).popup(event.globalPos())
