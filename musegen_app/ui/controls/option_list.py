"""A choice of a few whole sentences, one under another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from musegen_app.ui import colours
from musegen_app.ui.controls.field import elided_name
from musegen_app.ui.controls.icon_button import paint_focus, presses

_ROW_PX: Final = 26
_DOT_PX: Final = 14.0
_GAP_PX: Final = 10


class OptionList(QWidget):
    """Exactly one is chosen. ``changed`` carries its value, and only comes from the user."""

    changed = Signal(object)

    def __init__(self, options: Sequence[tuple[object, str, str]], name: str) -> None:
        """Options are values, words and tooltips."""
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values: list[object] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for index, (value, words, tip) in enumerate(options):
            row = _Option(words, tip)
            self._group.addButton(row, index)
            self._values.append(value)
            column.addWidget(row)
        self._group.buttons()[0].setChecked(True)
        self._group.idToggled.connect(self._toggled)
        self._quiet = False

    @property
    def value(self) -> object:
        """The chosen value."""
        return self._values[self._group.checkedId()]

    def set_value(self, value: object) -> None:
        """Choose a value, quietly; one that is not offered changes nothing."""
        if value in self._values:
            self._quiet = True
            self.button(value).setChecked(True)
            self._quiet = False

    def offer(self, options: Iterable[tuple[object, str]]) -> None:
        """Show only these values, by these words; the chosen one stays chosen where it is not among them."""
        words = dict(options)
        for value in self._values:
            button = self.button(value)
            button.setVisible(value in words)
            button.setText(words.get(value, button.text()))

    def button(self, value: object) -> QRadioButton:
        """The row of a value."""
        button = self._group.button(self._values.index(value))
        assert isinstance(button, QRadioButton)  # noqa: S101  only radio buttons were added
        return button

    def _toggled(self, index: int, on: bool) -> None:  # noqa: FBT001  a signal's slot
        if on and not self._quiet:
            self.changed.emit(self._values[index])


class _Option(QRadioButton):
    """A dot and its words, cut where there is no room."""

    def __init__(self, words: str, tip: str) -> None:
        super().__init__(words)
        self.setToolTip(tip)
        self.setFixedHeight(_ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, _ROW_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW_PX)

    def hitButton(self, pos: object) -> bool:  # noqa: ARG002  the whole row is the target
        return True

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and presses(event, self):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        middle = QPointF(1 + _DOT_PX / 2, self.height() / 2)
        ring = colours.colour(
            self, colours.YOURS if on and enabled else colours.DIM if self.underMouse() else colours.STRONG_LINE
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ring)
        painter.drawEllipse(middle, _DOT_PX / 2, _DOT_PX / 2)
        painter.setBrush(colours.colour(self, colours.SURFACE))
        radius = _DOT_PX / 2 - (4.5 if on else 1.5)
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(colours.colour(self, colours.TEXT if enabled and (on or self.underMouse()) else colours.MUTED))
        left = 1 + _DOT_PX + _GAP_PX
        room = self.width() - left
        words = QRectF(left, 0, room, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, elided_name(self, self.text(), int(room)))
        paint_focus(self, painter)
        painter.end()
