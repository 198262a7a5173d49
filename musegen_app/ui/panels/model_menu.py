"""The list of models that the card opens: two lines each, and what is broken below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.manifest import Manifest
from musegen_app.ui import colours, icons
from musegen_app.ui.controls.field import sized
from musegen_app.ui.panels.model_facts import description, details, metric

_PAD_PX: Final = 8
_TEXT_PX: Final = 28
_GAP_PX: Final = 24
_ROW_PX: Final = 48
_WIDTH_PX: Final = (320, 520)
_RADIUS_PX: Final = 5
_NOT_OFFERED: Final = 0.45
FOR_DRUMS: Final = "It plays drums: make a drum track the active one to choose it."
FOR_PITCHES: Final = "It writes notes of a pitch: make another track than drums the active one to choose it."


def fill_models(
    menu: QMenu,
    models: Sequence[Manifest],
    chosen: str,
    broken: Sequence[str],
    choose: Callable[[str], None],
    instrument: str = PITCHED,
) -> None:
    """Put a row a model into ``menu``, the one called ``chosen`` checked, and the sentences ``broken`` under them.

    Those that do not play ``instrument`` cannot be chosen; their tooltip says why.
    """
    menu.setToolTipsVisible(True)
    for manifest in models:
        offered = _ModelAction(menu, manifest)
        offered.setChecked(manifest.name == chosen)
        if manifest.instrument != instrument:
            offered.setEnabled(False)
            offered.say(FOR_DRUMS if instrument == PITCHED else FOR_PITCHES)
        offered.triggered.connect(lambda _=False, name=manifest.name: choose(name))
        menu.addAction(offered)
    if not models:
        menu.addAction("No model is installed").setEnabled(False)
    if models and broken:
        menu.addSeparator()
    for sentence in broken:
        shown = QFontMetrics(menu.font()).elidedText(sentence, Qt.TextElideMode.ElideRight, _WIDTH_PX[1] - 2 * _TEXT_PX)
        action = menu.addAction(shown)
        action.setToolTip(sentence)
        action.setEnabled(False)


class _ModelAction(QWidgetAction):
    """A checkable row that the menu's own keys and mouse choose."""

    def __init__(self, menu: QMenu, manifest: Manifest) -> None:
        super().__init__(menu)
        self.setText(manifest.title)
        self.setToolTip(details(manifest))
        self.setCheckable(True)
        row = self._row = _ModelRow(menu, self, manifest)
        self.setDefaultWidget(row)
        menu.hovered.connect(lambda _action: row.update())

    def say(self, why_not: str) -> None:
        """Say why it cannot be chosen."""
        told = f"{why_not}\n{self.toolTip()}"
        self.setToolTip(told)
        self._row.setToolTip(told)
        self._row.setAccessibleDescription(why_not)


class _ModelRow(QWidget):
    """Title and metric over family, styles, licence and size."""

    def __init__(self, menu: QMenu, action: QWidgetAction, manifest: Manifest) -> None:
        super().__init__(menu)
        self._menu, self._action = menu, action
        self._title, self._metric, self._about = manifest.title, metric(manifest), description(manifest)
        self.setMouseTracking(True)  # so that the moves reach the menu, which knows the row under the mouse
        self.setAccessibleName(f"{self._title}, {self._metric}, {self._about}")
        self.setToolTip(details(manifest))

    def sizeHint(self) -> QSize:
        bold, small = self._fonts()
        title = QFontMetrics(bold).horizontalAdvance(self._title)
        told = QFontMetrics(small).horizontalAdvance(self._metric)
        about = QFontMetrics(small).horizontalAdvance(self._about)
        wide = _TEXT_PX + max(title + _GAP_PX + told, about) + 2 * _PAD_PX
        return QSize(min(max(wide, _WIDTH_PX[0]), _WIDTH_PX[1]), _ROW_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_offered = self._action.isEnabled()
        lit = is_offered and self._menu.activeAction() is self._action
        if lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour(self, colours.YOURS))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
        ink = colours.colour(self, colours.ON_YOURS if lit else colours.TEXT)
        if self._action.isChecked():
            icons.draw(painter, "check", ink, _PAD_PX - 4, (self.height() - icons.ICON_PX) / 2)
        painter.setOpacity(1.0 if is_offered else _NOT_OFFERED)
        self._paint_words(painter, lit=lit)
        painter.end()

    def _paint_words(self, painter: QPainter, *, lit: bool) -> None:
        bold, small = self._fonts()
        ink = colours.colour(self, colours.ON_YOURS if lit else colours.TEXT)
        quiet = ink if lit else colours.colour(self, colours.MUTED)
        room = self.width() - _TEXT_PX - _PAD_PX
        told = QFontMetrics(small).horizontalAdvance(self._metric)
        title_room = room - told - _GAP_PX if told else room
        left, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for font, pen, text, wide, y, side in (
            (bold, ink, self._title, title_room, 6, left),
            (small, quiet, self._metric, room, 6, right),
            (small, quiet, self._about, room, 25, left),
        ):
            painter.setFont(font)
            painter.setPen(pen)
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, wide)
            painter.drawText(QRectF(_TEXT_PX, y, room, 17), side, shown)

    def _fonts(self) -> tuple[QFont, QFont]:
        return sized(self.font(), 12, bold=True), sized(self.font(), 11)
