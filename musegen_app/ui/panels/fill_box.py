"""What the Fill tab has of its own: which stretch is filled, with what, and a model that can where the chosen one cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from musegen_app.editor.asking import FillMode
from musegen_app.generate.manifest import Manifest
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.controls.option_list import OptionList
from musegen_app.ui.panels.choices import labelled

_ROW_PX: Final = 28
PITCHED_MODES: Final = {mode: mode.value for mode in FillMode}
DRUM_MODES: Final = {
    FillMode.MUSIC: "New drums",
    FillMode.RHYTHM: "Keep my rhythm, change the drums",
    FillMode.PITCHES: "Keep my drums, change the rhythm",
}
"""The ways to fill a stretch of drums, as the panel says them."""
_TIPS: Final = {
    FillMode.MUSIC: "Everything in the gap is written anew, from both sides",
    FillMode.MELODY: "The line on top, or the notes you selected, is written anew; all else stands and is heard",
    FillMode.CHORDS: "The line on top, or the notes you selected, stands; what goes under it is written anew",
    FillMode.RHYTHM: "Your notes begin and end where they do, on other pitches",
    FillMode.PITCHES: "Your pitches stay in their order and come in another rhythm",
}


class FillBox(QWidget):
    """``model_wanted`` carries the name of the model that was offered instead.

    ``mode_chosen`` comes with another way to fill, ``unmarked`` with the wish to let go of what is marked.
    """

    model_wanted = Signal(str)
    mode_chosen = Signal()
    unmarked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._offered = ""
        self._shown = frozenset(FillMode)
        self.region = ElidedLabel("", "value")
        self.region.setFixedHeight(_ROW_PX)
        self.unmark = IconButton("close")
        self.unmark.setToolTip("Let go of what is marked from here to there")
        self.unmark.setAccessibleName("Let go of the marked bars")
        self.unmark.clicked.connect(self.unmarked)
        marked = QWidget()
        row = QHBoxLayout(marked)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.region, 1)
        row.addWidget(self.unmark)
        self._region_row = labelled("Gap", marked)
        self.modes = OptionList([(mode, mode.value, _TIPS[mode]) for mode in FillMode], "What to write")
        self.modes.changed.connect(lambda _mode: self.mode_chosen.emit())
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("kind", "warning")
        self.way = QPushButton()
        self.way.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.way.clicked.connect(lambda: self.model_wanted.emit(self._offered))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.why, self.way, self._region_row, self.modes):
            column.addWidget(widget)
        self.show_region("")
        self.show_way("", None)

    @property
    def mode(self) -> FillMode:
        """How the gap is filled; a model that is not guided writes new music, and so does what is not offered."""
        mode = self.modes.value
        return mode if isinstance(mode, FillMode) and mode in self._shown else FillMode.MUSIC

    def show_modes(self, modes: Mapping[FillMode, str]) -> None:
        """Offer these ways to fill, by these words; with none of them new music alone."""
        self._shown = frozenset(modes)
        self.modes.offer(modes.items())
        self.modes.setVisible(bool(modes))
        if modes and self.modes.value not in modes:
            self.modes.set_value(FillMode.MUSIC)

    def show_region(self, words: str, *, can_unmark: bool = False) -> None:
        """Say what is filled, "" where nothing is marked."""
        self.region.setText(words)
        self.unmark.setVisible(can_unmark)
        self._region_row.setVisible(bool(words))

    def show_way(self, why_not: str, instead: Manifest | None) -> None:
        """Say why the chosen model does not fill, "" where it does, and offer one that does."""
        self.why.setText(why_not)
        self.why.setVisible(bool(why_not))
        self._offered = instead.name if instead else ""
        self.way.setText(f"Use {instead.title}".replace("&", "&&") if instead else "")
        self.way.setVisible(bool(why_not) and instead is not None)
