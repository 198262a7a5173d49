"""What of a chord's name has room in the lane."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from musegen_app.editor.viewport import Viewport
from musegen_app.ui.roll.chord_paint import ChordPaint
from musegen_app.ui.theme import DARK


@pytest.mark.parametrize("name", ["F", "Gm", "C7", "B♭maj7", "Em7♭5", "F♯dim7"])
def test_a_name_is_whole_or_seen_to_be_cut_and_never_another_chords(qapp: QApplication, name: str) -> None:
    image = QImage(80, 24, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    paint = ChordPaint(painter, Viewport(), DARK, 24)
    before = 0
    for width in range(2, 80):
        shown, font = paint.name_within(name, width)
        assert shown in {"", name} or shown.endswith("…")
        assert not shown or shown[: len(shown) - 1] in name
        assert QFontMetricsF(font).horizontalAdvance(shown) <= width
        assert len(shown) >= before or shown == name
        before = len(shown)
    assert shown == name
    assert font.pixelSize() == 11
    painter.end()
