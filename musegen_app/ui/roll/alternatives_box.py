"""A small box beside a note: its likeliest alternatives with their chances, to be heard, seen and swapped in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from musegen_app.generate.insight import Alternatives, Candidate
from musegen_app.score import pitch_name
from musegen_app.ui import colours
from musegen_app.ui.theme import RADIUS_PX

WIDTH_PX: Final = 216
_PAD_PX: Final = 10
_HEAD_PX: Final = 40
_ROW_PX: Final = 24
_FOOT_PX: Final = 24
_NAME_PX: Final = 40
_NAME_FONT_PX: Final = 12
_SHARE_PX: Final = 44
_BAR_PX: Final = 6
_APART_PX: Final = 8
KEYS_HINT: Final = "↑↓ hear   ↵ swap   ←→ other note"
NOTHING: Final = "No other pitch is free here."


class AlternativesBox(QWidget):
    """``tried`` carries the candidate under the pointer or the keys, None for none; ``chosen`` the one to swap in.

    ``stepped`` carries −1 or 1: the note before or after is to be asked about; ``left`` comes when the box has closed.
    """

    tried = Signal(object)
    chosen = Signal(object)
    stepped = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._told: Alternatives | None = None
        self._place = ""
        self._name_of: Callable[[int], str] = pitch_name
        self._name_px = _NAME_PX
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip("Pitches the model would have written here; click one to swap it in")
        self.hide()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What is offered."""
        return self._told.others if self._told else ()

    @property
    def current(self) -> Candidate | None:
        """The candidate that is tried."""
        return self.candidates[self._current] if 0 <= self._current < len(self.candidates) else None

    def open_for(self, told: Alternatives, place: str, note: QRectF, name_of: Callable[[int], str] = pitch_name) -> None:
        """Show what there is for the note drawn at ``note`` (in the parent's pixels), beside it and within the parent.

        ``name_of`` names a pitch.
        """
        self._name_of = name_of
        self._told, self._place, self._current = told, place, -1
        self._name_px = max(_NAME_PX, *(self._width_of(name_of(c.pitch)) for c in (told.own, *told.others)))
        rows = max(len(told.others), 1) + 1
        self.resize(WIDTH_PX, _HEAD_PX + rows * _ROW_PX + _FOOT_PX)
        offered = ", ".join(f"{name_of(c.pitch)} {_percent(c)}" for c in told.others) or NOTHING
        self.setAccessibleName(f"Instead of {name_of(told.own.pitch)}: {offered}")
        self._move_beside(note)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.update()

    def close_box(self) -> None:
        """Close, if it is open."""
        if not self.isHidden():
            self._told = None
            self.hide()
            self.left.emit()

    def _move_beside(self, note: QRectF) -> None:
        """Right of the note, else left of it: above and below it the alternatives are tried."""
        place = self._parent.rect()
        right = note.right() + 2 * _APART_PX
        fits = right + self.width() <= place.width() - _APART_PX
        x = right if fits else max(note.left() - 2 * _APART_PX - self.width(), _APART_PX)
        lowest = place.height() - self.height() - _APART_PX
        y = max(min(note.center().y() - self.height() / 2, lowest), _APART_PX)
        self.move(round(x), round(y))

    def _width_of(self, name: str) -> int:
        return QFontMetrics(self._font(_NAME_FONT_PX, bold=True)).horizontalAdvance(name) + _APART_PX

    # --- trying and choosing ------------------------------------------------------------------------------------------

    def try_row(self, row: int) -> None:
        """Try a candidate; one beyond the ends is the other end."""
        count = len(self.candidates)
        if not count:
            return
        self._current = row % count
        candidate = self.candidates[self._current]
        self.setAccessibleDescription(f"{self._name_of(candidate.pitch)}, {_percent(candidate)}")
        self.tried.emit(candidate)
        self.update()

    def _choose(self) -> None:
        candidate = self.current
        if candidate is not None:
            self.chosen.emit(candidate)

    def _step(self, towards: int) -> None:
        self.stepped.emit(towards)

    def _row_at(self, y: float) -> int:
        row = int((y - _HEAD_PX) // _ROW_PX) - 1
        return row if 0 <= row < len(self.candidates) else -1

    # --- Qt's events --------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Its keys are its own, whatever shortcuts the window gave them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._answer(event):
            event.accept()
            return True
        return super().event(event)

    def _answer(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key does here, None for a key that does nothing."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if Qt.Key.Key_1 <= event.key() < Qt.Key.Key_1 + len(self.candidates):
            return lambda: self._choose_row(event.key() - Qt.Key.Key_1)
        return {
            Qt.Key.Key_Down: lambda: self.try_row(self._current + 1),
            Qt.Key.Key_Up: lambda: self.try_row(max(self._current, 0) - 1),
            Qt.Key.Key_Left: lambda: self._step(-1),
            Qt.Key.Key_Right: lambda: self._step(1),
            Qt.Key.Key_Return: self._choose,
            Qt.Key.Key_Enter: self._choose,
            Qt.Key.Key_Escape: self.close_box,
        }.get(Qt.Key(event.key()))

    def _choose_row(self, row: int) -> None:
        self._current = row
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        answer = self._answer(event)
        if answer is None:
            super().keyPressEvent(event)
        else:
            answer()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row >= 0 and row != self._current:
            self.try_row(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # what lies under the box is not drawn on

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._choose_row(row)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.close_box()

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        told = self._told
        if told is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.colour(self, colours.STRONG_LINE), 1.0))
        painter.setBrush(colours.colour(self, colours.RAISED))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        self._paint_words(painter, told)
        most = max((c.probability for c in (told.own, *told.others)), default=1.0)
        self._paint_row(painter, 0, told.own, most)
        for number, candidate in enumerate(told.others):
            self._paint_row(painter, number + 1, candidate, most)
        painter.end()

    def _paint_words(self, painter: QPainter, told: Alternatives) -> None:
        area = QRectF(_PAD_PX, 4, self.width() - 2 * _PAD_PX, 18)
        self._write(painter, area, f"Instead of {self._name_of(told.own.pitch)}", colours.TEXT, 12, bold=True)
        self._write(painter, area.translated(0, 16), self._place, colours.MUTED, 11)
        foot = QRectF(_PAD_PX, self.height() - _FOOT_PX, area.width(), _FOOT_PX - 2)
        self._write(painter, foot, KEYS_HINT if told.others else NOTHING, colours.MUTED, 10)

    def _paint_row(self, painter: QPainter, row: int, candidate: Candidate, most: float) -> None:
        area = QRectF(_PAD_PX, _HEAD_PX + row * _ROW_PX, self.width() - 2 * _PAD_PX, _ROW_PX)
        is_own = row == 0
        if row - 1 == self._current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour(self, colours.LINE))
            painter.drawRoundedRect(area.adjusted(-6, 1, 6, -1), 5, 5)
        self._write(
            painter,
            area,
            self._name_of(candidate.pitch),
            colours.MUTED if is_own else colours.TEXT,
            _NAME_FONT_PX,
            bold=not is_own,
        )
        self._write(painter, area, _percent(candidate), colours.MUTED, 11, right=True)
        room = area.width() - self._name_px - _SHARE_PX
        bar = QRectF(area.left() + self._name_px, area.center().y() - _BAR_PX / 2, room, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, colours.LINE if row - 1 != self._current else colours.STRONG_LINE))
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)
        bar.setWidth(max(room * candidate.probability / max(most, 1e-9), 3.0))
        painter.setBrush(colours.colour(self, colours.DIM if is_own else colours.GENERATED))
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)

    def _write(
        self, painter: QPainter, area: QRectF, text: str, role: colours.Role, size_px: int, *, bold: bool = False,
        right: bool = False,
    ) -> None:  # fmt: skip
        painter.setFont(self._font(size_px, bold=bold))
        painter.setPen(QColor(colours.colour(self, role)))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | side, text)

    def _font(self, size_px: int, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size_px)
        font.setBold(bold)
        return font


def _percent(candidate: Candidate) -> str:
    share = 100 * candidate.probability
    return "< 1 %" if share < 1 else f"{share:.0f} %"
