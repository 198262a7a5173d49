"""One track in the list: stripe, name, sound, mute and solo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musegen_app.score import Track
from musegen_app.ui import colours
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.icon_button import paint_focus
from musegen_app.ui.controls.line_editor import LineEditor
from musegen_app.ui.controls.list_keys import keeps_key, row_of
from musegen_app.ui.general_midi import sound_name
from musegen_app.ui.theme import RADIUS_PX

ROW_PX = 46
TIP = "Right-click, or the menu key, for instrument, bank, channel, port and more"


class TrackRow(QWidget):
    """Shows a track. Signals carry nothing: the row knows its track."""

    chosen = Signal()
    renamed = Signal(str)
    muted = Signal(bool)
    soloed = Signal(bool)
    menu_wanted = Signal(QContextMenuEvent)
    stepped = Signal(int)

    def __init__(self, track: Track, hue: str) -> None:
        super().__init__()
        self.track = track
        self._hue = QColor(hue)
        self._active = False
        self.setFixedHeight(ROW_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(TIP)
        self._name = ElidedLabel("", "value")
        self._sound = ElidedLabel("", "small")
        self.mute = self._flag("M", "mute", "Mute this track")
        self.solo = self._flag("S", "solo", "Hear this track alone")
        self.mute.clicked.connect(self.muted)
        self.solo.clicked.connect(self.soloed)
        self._editor = LineEditor(self)
        self._editor.setProperty("kind", "inline")
        self._editor.setMaxLength(80)
        self._editor.hide()
        self._editor.returnPressed.connect(self._rename)
        self._editor.left.connect(self._rename)
        self._editor.escaped.connect(self._editor.shut)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        for label in (self._name, self._sound):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            texts.addWidget(label)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 0, 10, 0)
        row.setSpacing(2)
        row.addLayout(texts, 1)
        row.addWidget(self.mute)
        row.addWidget(self.solo)
        self.show_track(track, active=False)

    def show_track(self, track: Track, *, active: bool) -> None:
        """Show a track's state."""
        self.track, self._active = track, active
        name = track.name or f"Track {track.id}"
        self._name.setText(name)
        self._sound.setText(f"{track.port} · {sound_name(track)}" if track.port else sound_name(track))
        self.mute.setChecked(track.muted)
        self.solo.setChecked(track.soloed)
        self.setAccessibleName(f"Track {name}{', active' if active else ''}")
        self.mute.setAccessibleName(f"Mute {name}")
        self.solo.setAccessibleName(f"Solo {name}")
        self.update()

    def begin_renaming(self) -> None:
        """Open the editor over the name."""
        self._editor.setGeometry(16, 3, self.width() - 64, 24)
        self._editor.open(self.track.name)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._active or self.underMouse():
            raised = colours.colour(self, colours.RAISED)
            raised.setAlphaF(1.0 if self._active else 0.5)
            painter.setBrush(raised)
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        paint_focus(self, painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._hue)
        painter.drawRoundedRect(QRectF(8, 9, 4, self.height() - 18), 2, 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.begin_renaming()

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, self) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if row_of(event):
            self.stepped.emit(row_of(event))
        elif event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.chosen.emit()
        self.menu_wanted.emit(event)

    def _rename(self) -> None:
        self._editor.shut()
        if self._editor.text().strip() != self.track.name:
            self.renamed.emit(self._editor.text().strip())

    def _flag(self, letter: str, flag: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(letter)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setProperty("kind", "trackFlag")
        button.setProperty("flag", flag)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button
