"""The style sheet: sizes and tokens laid over Qt's own controls. Painted controls take their colours from the palette."""

from __future__ import annotations

from string import Template
from typing import Final

from musegen_app.ui.colours import blend
from musegen_app.ui.theme import RADIUS_PX, Palette

_SHEET: Final = Template("""
* { font-size: 12px; }
QToolTip { background: $raised; color: $text; border: 1px solid $strong_line; padding: 4px 8px; }
QMainWindow, QDialog, #panel, #topBar, #statusBar { background: $surface; }
#topBar { border-bottom: 1px solid $line; }
#statusBar { border-top: 1px solid $line; }
#leftPanel { background: $surface; border-right: 1px solid $line; }
#rightPanel { background: $surface; border-left: 1px solid $line; }
#rule { background: $line; }

QLabel { color: $text; background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="small"] { color: $muted; font-size: 11px; }
QLabel[kind="heading"] { color: $muted; font-size: 11px; font-weight: bold; }
QLabel[kind="value"] { font-weight: bold; }
QLabel[kind="product"] { font-size: 15px; font-weight: bold; }
QLabel[kind="title"] { font-size: 13px; font-weight: bold; }
#laneName { color: $muted; placeholder-text-color: $muted; font-size: 11px; font-weight: bold; }
QLabel[kind="hint"] { color: $muted; font-size: 14px; }
QLabel[kind="warning"] { color: $time_text; font-size: 11px; }
#tabs { background: $surface; border-bottom: 1px solid $line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; font-weight: bold; height: 28px; padding: 0; margin-right: 24px;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $yours; }
QTabBar::tab:selected:focus { color: $yours_text; border-bottom-color: $text; }

QPushButton { background: $raised; color: $text; border: 1px solid transparent; border-radius: ${radius}px;
    padding: 0 12px; min-height: 30px; font-weight: bold; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:disabled { color: $dim; }
QPushButton:focus { border-color: $yours; }
QPushButton[kind="primary"] { background: $yours; color: $on_yours; min-height: 42px; font-size: 14px; }
QPushButton[kind="primary"]:hover { background: $yours_hover; }
QPushButton[kind="primary"]:pressed { background: $yours_pressed; }
QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled { background: $raised; color: $muted; border-color: $line; }
QPushButton[kind="primary"][streaming="true"] { background: $raised; color: $text; border-color: $strong_line; }
QPushButton[kind="primary"][streaming="true"]:hover { background: $hover; }
QPushButton[kind="accept"] { color: $generated_text; border-color: $generated; min-height: 34px; padding: 0 4px; }
QPushButton[kind="accept"]:disabled { color: $muted; border-color: $line; }
QPushButton[kind="accept"]:focus { border-color: $text; }
QPushButton[kind="take"] { min-height: 34px; padding: 0 4px; }
QPushButton[kind="take"]:disabled { color: $muted; border-color: $line; }
QPushButton[kind="segment"] { padding: 0; min-height: 26px; border-radius: 6px; }
QPushButton[kind="segment"]:checked { background: $yours; color: $on_yours; }
QPushButton[kind="segment"]:checked:focus { border-color: $text; }
QPushButton[kind="link"] { background: transparent; color: $yours_text; padding: 0 8px; min-height: 22px; }
QPushButton[kind="link"]:hover { background: $hover; }
QPushButton[kind="use"] { background: $yours; color: $on_yours; padding: 0 7px; min-height: 18px; font-size: 11px;
    border-radius: 5px; }
QPushButton[kind="use"]:hover { background: $yours_hover; }
QPushButton[kind="use"]:focus { border-color: $text; }
QPushButton[kind="chip"] { background: $raised; border-color: $line; padding: 0 14px; min-height: 30px; }
QPushButton[kind="chip"]:hover { border-color: $yours; }

QToolButton[kind="trackFlag"] { background: transparent; color: $muted; border: none; border-radius: 4px; font-size: 11px;
    font-weight: bold; min-width: 18px; max-width: 18px; min-height: 20px; max-height: 20px; padding: 0; }
QToolButton[kind="trackFlag"]:hover { background: $hover; color: $text; }
QToolButton[kind="trackFlag"]:focus { border: 1px solid $yours; }
QToolButton[kind="trackFlag"][flag="mute"]:checked { background: $time; color: $on_time; }
QToolButton[kind="trackFlag"][flag="solo"]:checked { background: $yours; color: $on_yours; }

QLineEdit { background: $raised; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 0 8px; min-height: 26px; selection-background-color: $yours; selection-color: $on_yours; }
QLineEdit:focus { border-color: $yours; }
QLineEdit[kind="inline"] { font-weight: bold; padding: 0 4px; min-height: 20px; border-radius: 4px; border-color: $yours; }
QLineEdit[kind="inline"][wrong="true"] { border-color: $time; color: $time_text; }

QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 3px; border-radius: 1px; background: $strong_line; }
QSlider::sub-page:horizontal { background: $yours; border-radius: 1px; }
QSlider::handle:horizontal { width: 11px; height: 11px; margin: -6px 0; border-radius: 7px; border: 2px solid $yours;
    background: $surface; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $yours; }
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal:disabled { border-color: $dim; }

QProgressBar { background: $strong_line; border: none; border-radius: 1px; max-height: 3px; min-height: 3px; }
QProgressBar::chunk { background: $generated; border-radius: 1px; }

QMenu { background: $raised; color: $text; border: 1px solid $strong_line; border-radius: ${radius}px; padding: 6px; }
QMenu::item { padding: 6px 28px 6px 28px; border-radius: 5px; }
QMenu::item:selected { background: $yours; color: $on_yours; }
QMenu::item:disabled { color: $muted; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 6px 8px; }
QMenu::indicator, QMenu::icon { left: 8px; width: 14px; height: 14px; }
QMenu::right-arrow { width: 8px; height: 8px; right: 8px; }

QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget#scrolled { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $strong_line; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

#notice { background: $notice; border-bottom: 1px solid $line; }
""")


def stylesheet(palette: Palette) -> str:
    """The sheet for one palette."""
    return _SHEET.substitute(
        {name: value for name in Palette.__slots__ if isinstance(value := getattr(palette, name), str)},
        radius=RADIUS_PX,
        hover=blend(palette.raised, palette.text, 0.07),
        pressed=blend(palette.raised, palette.text, 0.14),
        yours_hover=blend(palette.yours, palette.text if palette.is_dark else "#000000", 0.12),
        yours_pressed=blend(palette.yours, "#000000", 0.16),
        yours_text=palette.yours,
        on_time="#1B1F27" if palette.is_dark else "#FFFFFF",
        notice=blend(palette.surface, palette.time, 0.12),
    )
