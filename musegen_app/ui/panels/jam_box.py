"""What the Jam tab has of its own: how the two take turns, how long a phrase is, and whose turn it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from musegen_app.editor.jam import PHRASES, JamMode
from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.panels.choices import labelled
from musegen_app.ui.panels.turn_meter import TurnMeter

MODES: Final = (
    (
        JamMode.TRADE,
        "Trade",
        "You play so many bars, then it plays as many",
        "You play so many bars, it answers with as many, and so on, whatever rests there are",
    ),
    (
        JamMode.ANSWER,
        "Answer",
        "It goes on until you play again",
        "It answers when your bars are over or you rest for a beat, and goes on until you play again",
    ),
    (
        JamMode.ALONG,
        "Along",
        "It goes on while you play",
        "It answers like that, goes on while you play, and follows what you play from the next bar on",
    ),
)


class JamBox(QWidget):
    """``changed`` comes with each choice of the user."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.modes = Segmented([(mode, words) for mode, words, *_ in MODES], "Turns")
        for mode, _, _, tip in MODES:
            self.modes.button(mode).setToolTip(tip)
        self.bars = Segmented([(bars, str(bars)) for bars in PHRASES], "You play, in bars")
        self.bars.setToolTip("How many bars you play before it answers")
        self.words = QLabel()
        self.words.setProperty("kind", "small")
        self.meter = TurnMeter()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.modes)
        column.addWidget(self.words)
        column.addWidget(labelled("You play", self.bars))
        column.addWidget(self.meter)
        self.modes.changed.connect(lambda *_: self._chosen())
        self.bars.changed.connect(lambda *_: self.changed.emit())
        self.show_choices(JamMode.ANSWER, PHRASES[2])

    @property
    def mode(self) -> JamMode:
        """How they take turns."""
        mode = self.modes.value
        return mode if isinstance(mode, JamMode) else JamMode.ANSWER

    @property
    def phrase_bars(self) -> int:
        """Bars of a phrase."""
        bars = self.bars.value
        return bars if isinstance(bars, int) else PHRASES[2]

    def show_choices(self, mode: JamMode, bars: int) -> None:
        """Show choices, quietly."""
        self.modes.set_value(mode)
        self.bars.set_value(bars if bars in PHRASES else PHRASES[2])
        self._show_words()

    def _chosen(self) -> None:
        self._show_words()
        self.changed.emit()

    def _show_words(self) -> None:
        self.words.setText(next(words for mode, _, words, _ in MODES if mode is self.mode))
