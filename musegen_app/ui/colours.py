"""The tokens as Qt colours: custom-painted controls ask their widget palette, so a theme change repaints them by itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from musegen_app.ui.theme import Palette

Role = QPalette.ColorRole

SURFACE: Final = Role.Window
BACKGROUND: Final = Role.Base
RAISED: Final = Role.Button
LINE: Final = Role.Mid
STRONG_LINE: Final = Role.Dark
TEXT: Final = Role.WindowText
MUTED: Final = Role.PlaceholderText
DIM: Final = Role.Shadow
YOURS: Final = Role.Highlight
ON_YOURS: Final = Role.HighlightedText
GENERATED: Final = Role.Link
TIME: Final = Role.LinkVisited
HOVER: Final = Role.Midlight

TRACK_HUES: Final = ("#7AA2FF", "#F2B35A", "#E5707E", "#9B8CFF", "#6CC070", "#D98AC8", "#5BB8D8", "#C2A878")
"""Stripes of the tracks, by track number."""


def qt_palette(palette: Palette) -> QPalette:
    """Qt's palette for our tokens; roles are named by the constants of this module."""
    made = QPalette()
    for role, colour in (
        (SURFACE, palette.surface),
        (BACKGROUND, palette.background),
        (Role.AlternateBase, palette.surface),
        (RAISED, palette.raised),
        (Role.ButtonText, palette.text),
        (LINE, palette.line),
        (STRONG_LINE, palette.strong_line),
        (TEXT, palette.text),
        (Role.Text, palette.text),
        (MUTED, palette.muted),
        (DIM, palette.dim),
        (YOURS, palette.yours),
        (ON_YOURS, palette.on_yours),
        (GENERATED, palette.generated),
        (TIME, palette.time),
        (HOVER, blend(palette.raised, palette.text, 0.07)),
        (Role.ToolTipBase, palette.raised),
        (Role.ToolTipText, palette.text),
    ):
        made.setColor(role, QColor(colour))
    for role in (TEXT, Role.Text, Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.dim))
    return made


def blend(under: str, over: str, share: float) -> str:
    """``#RRGGBB`` of ``over`` laid on ``under`` with opacity ``share`` (0–1)."""
    pairs = ((int(under[i : i + 2], 16), int(over[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def colour(widget: QWidget, role: QPalette.ColorRole) -> QColor:
    """The widget's colour for a role of this module, dimmed for text when it is disabled."""
    return widget.palette().color(role)
