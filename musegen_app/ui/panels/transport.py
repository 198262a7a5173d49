"""The top bar: name, transport, position, tempo, metre, snap, key, metronome, undo, port and panic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from musegen_app.score.swing import MAX_PERCENT
from musegen_app.score.timeline import MAX_BPM, MIN_BPM
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.field import Field, FillMenu
from musegen_app.ui.controls.icon_button import IconButton, Tone
from musegen_app.ui.controls.menu_button import MenuButton
from musegen_app.ui.controls.number_field import NumberField
from musegen_app.ui.controls.port_button import PortButton
from musegen_app.ui.controls.position import PositionDisplay
from musegen_app.ui.controls.record_button import RecordButton
from musegen_app.ui.controls.whole_field import WholeField
from musegen_app.ui.theme import LEFT_PX, TOP_BAR_PX

NAME_FROM_PX: Final = 1340
"""Narrower windows leave the product's name out: the document's title is worth more."""

SWING_FROM_PX: Final = 1380
"""Narrower windows leave the swing to the metronome's menu."""

HISTORY_FROM_PX: Final = 1160
"""Narrower windows leave undo and redo to their keys and the menu."""


@dataclass(frozen=True, slots=True)
class TransportMenus:
    """What the fields offer, filled each time they open."""

    main: FillMenu
    metre: FillMenu
    snap: FillMenu
    key: FillMenu
    port: FillMenu


class TransportBar(QFrame):
    """Shows what it is told; its buttons are actions."""

    def __init__(self, actions: Mapping[str, QAction], menus: TransportMenus) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(TOP_BAR_PX)
        self.menu_button = _menu_button(menus.main)
        self.name = QLabel("MuseGen")
        self.name.setProperty("kind", "product")
        self.title = ElidedLabel("Untitled")
        self.play = IconButton.of(actions["play"], "play", Tone.FILLED, 36)
        self.record = RecordButton.of(actions["record"], "record", Tone.RAISED, 36)
        self.take_in = MenuButton("Recording", "How it records: keyboard, overdub or replace, grid, delay")
        self.position = PositionDisplay()
        self.tempo = NumberField("Tempo", (MIN_BPM, MAX_BPM), 70, "Quarters a minute: drag, scroll or double-click to type")
        self.swing = WholeField(
            "Swing", MAX_PERCENT, 76, "How late off-beats come; the notes stay where they are written", _swing_words
        )
        self.beat = MenuButton("Metronome and swing", "Count-in, swing, and where the metronome clicks")
        self.metre = Field("Metre", 58, "Beats in a bar", menus.metre)
        self.snap = Field("Snap", 64, "The grid that notes snap to", menus.snap)
        self.key = Field("Key", 118, "The key of the piece: found from the notes, or yours", menus.key)
        self.port = PortButton(menus.port)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self._heading())
        self._add(row, *(IconButton.of(actions[n], i, Tone.RAISED, 36) for n, i in (("to_start", "to-start"),)))
        self._add(row, self.play)
        self._add(row, IconButton.of(actions["stop"], "stop", Tone.RAISED, 36), _pair(self.record, self.take_in))
        self._add(row, IconButton.of(actions["loop"], "loop", Tone.RAISED, 36))
        self._add(row, _pair(IconButton.of(actions["metronome"], "metronome", Tone.RAISED, 36), self.beat))
        self._add(row, self.position)
        row.addSpacing(4)
        self._add(row, self.tempo, self.swing, self.metre, self.snap, self.key)
        row.addStretch(1)
        self._history = [IconButton.of(actions[name], name) for name in ("undo", "redo")]
        self._add(row, *self._history)
        row.addStretch(1)
        row.addWidget(self.port)
        self._add(row, _text_button(actions["panic"]))

    def show_playing(self, *, playing: bool) -> None:
        """Show pause while it plays."""
        self.play.show_icon("pause" if playing else "play")

    def resizeEvent(self, event: QResizeEvent) -> None:
        roomy = event.size().width() >= NAME_FROM_PX
        self.name.setVisible(roomy)
        self.position.tell_time(tells=roomy)
        self.swing.setVisible(event.size().width() >= SWING_FROM_PX)
        for button in self._history:
            button.setVisible(event.size().width() >= HISTORY_FROM_PX)
        self._heading_box.setFixedWidth(LEFT_PX + 44 if roomy else 108)
        self.key.setFixedWidth(124 if roomy else 96)
        self._row.setSpacing(8 if roomy else 6)
        super().resizeEvent(event)

    def _heading(self) -> QWidget:
        self._heading_box = QWidget()
        row = QHBoxLayout(self._heading_box)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self.menu_button)
        row.addWidget(self.name)
        row.addWidget(self.title, 1)
        return self._heading_box

    @staticmethod
    def _add(row: QHBoxLayout, *widgets: QWidget) -> None:
        for widget in widgets:
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


def _pair(button: QWidget, choices: MenuButton) -> QWidget:
    """A button and the arrow that opens its lesser choices, close together."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(button)
    row.addWidget(choices)
    return pair


def _menu_button(fill: FillMenu) -> IconButton:
    button = IconButton("menu")
    button.setToolTip("Menu (F10)")
    button.setAccessibleName("Menu")
    button.setShortcut("F10")
    menu = QMenu(button)
    fill(menu)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _swing_words(percent: int) -> str:
    return f"{percent} %" if percent else "Straight"


def _text_button(action: QAction) -> QWidget:
    button = QPushButton(action.text())
    button.setToolTip(action.toolTip())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action.trigger)
    return button
