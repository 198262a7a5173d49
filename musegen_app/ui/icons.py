"""Icons: drawn SVG of one family (20 px grid, 1.75 px round strokes), tinted when they are loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from musegen_app.paths import resources_dir

ICON_PX: Final = 20


def icon_path(name: str) -> Path:
    """The SVG called ``name``."""
    return resources_dir() / "icons" / f"{name}.svg"


@lru_cache(maxsize=256)
def tinted(name: str, colour: str, ratio: float = 1.0, size_px: int = ICON_PX) -> QPixmap:
    """The icon drawn in ``colour`` (``#RRGGBB``), ``size_px`` logical pixels, for a device pixel ratio."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    pixmap = QPixmap(round(size_px * ratio), round(size_px * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def app_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for size_px in (16, 32, 48, 128, 256):
        made.addPixmap(tinted("musegen", "#000000", 1.0, size_px))
    return made


def draw(painter: QPainter, name: str, colour: QColor, x: float, y: float) -> None:
    """Draw the icon with its top left corner at (x, y), sharp on the painter's device."""
    device = painter.device()
    ratio = device.devicePixelRatio() if device else 1.0
    painter.drawPixmap(round(x), round(y), tinted(name, colour.name(), ratio))


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return icon_path(name).read_text(encoding="utf-8")
