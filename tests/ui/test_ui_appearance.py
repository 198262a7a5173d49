"""Colours that can be read, icons that are drawn, themes that switch."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musegen_app.paths import resources_dir
from musegen_app.ui import icons, stylesheet
from musegen_app.ui.appearance import Appearance
from musegen_app.ui.colours import MUTED, TEXT, blend, qt_palette
from musegen_app.ui.theme import DARK, LIGHT, Palette

READABLE = 4.5


def luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_text_can_be_read_on_every_surface(palette: Palette) -> None:
    texts = (palette.text, palette.muted, palette.generated_text, palette.time_text, palette.yours)
    for text, surface in itertools.product(texts, (palette.surface, palette.raised, palette.background)):
        assert contrast(text, surface) >= READABLE, (text, surface)
    assert contrast(palette.on_yours, palette.yours) >= READABLE


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_the_sheet_leaves_no_token_open(palette: Palette) -> None:
    sheet = stylesheet.stylesheet(palette)
    assert "$" not in sheet
    assert palette.yours in sheet


def test_blending_goes_from_one_colour_to_the_other() -> None:
    assert blend("#000000", "#FFFFFF", 0.0) == "#000000"
    assert blend("#000000", "#FFFFFF", 1.0) == "#FFFFFF"
    assert blend("#204060", "#406080", 0.5) == "#305070"


@pytest.mark.parametrize("path", sorted((resources_dir() / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_something_in_its_colour(qapp: QApplication, path) -> None:
    image = icons.tinted(path.stem, "#FF0000", 2.0).toImage()
    assert image.width() == 40
    opaque = [image.pixelColor(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 200]
    assert len(opaque) > 20
    if "currentColor" in path.read_text():
        assert all(colour.red() > 150 and colour.green() < 60 for colour in opaque)


def test_the_family_shares_its_grid_and_stroke() -> None:
    for path in (resources_dir() / "icons").glob("*.svg"):
        if path.stem != "musegen":
            text = path.read_text()
            assert 'viewBox="0 0 20 20"' in text
            assert 'stroke-width="1.75"' in text


def test_a_choice_is_applied_and_told_once(qapp: QApplication, qtbot: QtBot) -> None:
    appearance = Appearance(qapp, "dark")
    told: list[Palette] = []
    appearance.on_change(told.append)
    try:
        assert qapp.palette().color(TEXT) == QColor(DARK.text)
        appearance.choose("light")
        appearance.choose("light")
        assert told == [LIGHT]
        assert qapp.palette().color(MUTED) == QColor(LIGHT.muted)
        assert LIGHT.yours in qapp.styleSheet()
    finally:
        appearance.close()
        qapp.setStyleSheet("")


def test_the_system_is_followed_unless_told_otherwise(qapp: QApplication) -> None:
    hints = qapp.styleHints()
    appearance = Appearance(qapp, "system")
    told: list[Palette] = []
    appearance.on_change(told.append)
    try:
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert told[-2:] == [LIGHT, DARK]
        appearance.choose("light")
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert appearance.palette == LIGHT
    finally:
        appearance.close()
        qapp.setStyleSheet("")


def test_qt_palette_dims_what_is_disabled() -> None:
    palette = qt_palette(DARK)
    assert palette.color(palette.ColorGroup.Disabled, TEXT) == QColor(DARK.dim)
