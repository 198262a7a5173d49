"""While something is dragged beyond the edge of the notes, the view follows the pointer."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPointF, QSizeF, QTimer

from musegen_app.ui.roll.view import View

_EVERY_MS: Final = 16
_SHARE: Final = 0.2  # of the distance beyond the edge, each time: further out is faster
_MOST_PX: Final = 40.0


def beyond(place: QPointF, size: QSizeF) -> tuple[float, float]:
    """How far right of and below the area ``place`` is; negative to the left and above, 0 within."""

    def over(value: float, extent: float) -> float:
        return min(value, 0.0) + max(value - extent, 0.0)

    return over(place.x(), size.width()), over(place.y(), size.height())


class EdgeScroll(QObject):
    """Scrolls as long as the pointer stays outside. UI thread."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._beyond = (0.0, 0.0)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._step)

    def watch(self, place: QPointF, size: QSizeF) -> None:
        """The pointer is here, over an area of this size."""
        self._beyond = beyond(place, size)
        if self._beyond == (0.0, 0.0):
            self.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Nothing is dragged any more."""
        self._timer.stop()

    def _step(self) -> None:
        dx, dy = (max(min(distance * _SHARE, _MOST_PX), -_MOST_PX) for distance in self._beyond)
        before = self._view.viewport
        self._view.scroll(dx, dy)
        if self._view.viewport == before:  # there is no more music that way
            self.stop()
