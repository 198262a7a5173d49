"""Where the playhead is: bar.beat.sixteenth in bold, and the time."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musegen_app.score import TICKS_PER_QUARTER, Timeline
from musegen_app.ui import colours
from musegen_app.ui.controls.field import sized
from musegen_app.ui.theme import RADIUS_PX

_WIDTH_PX: Final = 132
_NARROW_PX: Final = 84


class PositionDisplay(QWidget):
    """Repaints only when what it reads changes."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ("1.1.1", "0:00.0")
        self._tells_time = True
        self.setFixedSize(_WIDTH_PX, 40)
        self.setAccessibleName("Position")
        self.setToolTip("Bar, beat and sixteenth of the playhead, and its time")

    @property
    def shown(self) -> tuple[str, str]:
        """Position and time as they read."""
        return self._shown

    def show_tick(self, tick: float, timeline: Timeline) -> None:
        """Show the place of ``tick``."""
        shown = position_text(tick, timeline)
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleDescription(" ".join(shown))
            self.update()

    def tell_time(self, *, tells: bool) -> None:
        """Tell the time beside the place, or be narrow."""
        self._tells_time = tells
        self.setFixedWidth(_WIDTH_PX if tells else _NARROW_PX)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 40)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(self, colours.RAISED))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_PX, RADIUS_PX)
        inner = QRectF(self.rect()).adjusted(12, 0, -10, 0)
        painter.setPen(colours.colour(self, colours.TEXT))
        painter.setFont(sized(self.font(), 15, bold=True))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shown[0])
        if self._tells_time:
            painter.setPen(colours.colour(self, colours.MUTED))
            painter.setFont(sized(self.font(), 12))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._shown[1])
        painter.end()


def position_text(tick: float, timeline: Timeline) -> tuple[str, str]:
    """("5.3.2", "0:09.4") for a tick: bar.beat.sixteenth counted from 1, minutes:seconds."""
    whole = max(int(tick), 0)
    place = timeline.bar_beat(whole)
    sixteenth = place.tick // (TICKS_PER_QUARTER // 4) + 1
    tenths = int(timeline.second_at(max(tick, 0.0)) * 10)
    return f"{place.bar}.{place.beat}.{sixteenth}", f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
