"""The sheet on which the delay of a loopback is measured, and taken for recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from musegen_app.midi_io.devices import PortList
from musegen_app.playback.calibration import NOTES, RoundTrip
from musegen_app.ui.controls.choice import Choice

_WIDTH_PX: Final = 480
ABOUT: Final = (
    f"Lead the output back to the input: with a cable, or through an instrument that sends on what it gets. {NOTES} short "
    "notes are sent, and the time until each comes back is measured."
)


class CalibrationSheet(QDialog):
    """``measure_wanted`` with output and input, ``stop_wanted``, ``offset_chosen`` with milliseconds."""

    measure_wanted = Signal(str, str)
    stop_wanted = Signal()
    offset_chosen = Signal(float)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Measure the delay")
        self.setFixedWidth(_WIDTH_PX)
        self.output = Choice("Output", "The port that the notes are sent to")
        self.input = Choice("Input", "The port at which they are to come back")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, NOTES)
        self.bar.setAccessibleName("Notes that have come back")
        self.median, self.spread, self.offset = QLabel(), QLabel(), QLabel()
        self.problem = QLabel()
        self.measure = QPushButton("Measure")
        self.use = QPushButton("Use as recording offset")
        self.reset = QPushButton("Reset")
        self._found: RoundTrip | None = None
        self._running = False
        self._dress()
        self._lay_out()
        self.measure.clicked.connect(self._pressed)
        self.use.clicked.connect(self._use)
        self.reset.clicked.connect(lambda: self.offset_chosen.emit(0.0))
        self.show_result(None)

    def offer(self, outputs: PortList, inputs: PortList, output: str) -> None:
        """Offer these ports; ``output`` is the one in use."""
        self.output.offer(_words(outputs), self.output.value or output)
        self.input.offer(_words(inputs), self.input.value)
        can = bool(self.output.value and self.input.value)
        self.measure.setEnabled(can)
        self.show_problem("" if can else outputs.problem or inputs.problem or "There is no port to send to or listen at.")

    def show_progress(self, share: float) -> None:
        """Show how many of the notes have come back."""
        self.bar.setValue(round(share * NOTES))

    def show_running(self, *, running: bool) -> None:
        """Show that it measures, or no longer."""
        self._running = running
        self.measure.setText("Stop" if running else "Measure" if self._found is None else "Measure again")
        self.measure.setToolTip("Send no more notes" if running else f"Send {NOTES} notes and wait for them to come back")
        for choice in (self.output, self.input):
            choice.setEnabled(not running)

    def show_result(self, found: RoundTrip | None) -> None:
        """Show what was measured, or that nothing was yet."""
        self._found = found
        self.median.setText(f"{found.median_ms:.1f} ms" if found else "–")
        self.spread.setText(_spread(found) if found else "not measured yet")
        self.use.setEnabled(found is not None)
        self.bar.setValue(found.heard if found else 0)
        self.show_problem("")
        self.show_running(running=False)

    def show_problem(self, sentence: str) -> None:
        """Show what went wrong, "" for nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self._fit()

    def show_offset(self, milliseconds: float) -> None:
        """Show what recordings are moved by."""
        by = f"{abs(milliseconds):.1f} ms {'earlier' if milliseconds > 0 else 'later'}"
        self.offset.setText(f"Recordings are moved {by}" if milliseconds else "Recordings are not moved")
        self.reset.setVisible(bool(milliseconds))
        self._fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop_wanted.emit()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc closes, and ends a measurement."""
        self.stop_wanted.emit()
        super().reject()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """As high as what is shown."""
        if (layout := self.layout()) is not None:
            layout.activate()
            self.setFixedHeight(layout.totalHeightForWidth(_WIDTH_PX))

    def _use(self) -> None:
        if self._found is not None:
            self.offset_chosen.emit(round(self._found.median_ms, 2))

    def _pressed(self) -> None:
        if self._running:
            self.stop_wanted.emit()
            self.show_running(running=False)
            return
        self.show_result(None)
        self.show_running(running=True)
        self.measure_wanted.emit(self.output.value, self.input.value)

    def _dress(self) -> None:
        self.median.setProperty("kind", "product")
        self.problem.setProperty("kind", "warning")
        self.problem.setWordWrap(True)
        for label in (self.spread, self.offset):
            label.setProperty("kind", "muted")
        self.measure.setProperty("kind", "primary")
        self.measure.setDefault(True)
        self.use.setToolTip("Move recorded notes by this much, so that they stand where you heard the beat")
        self.reset.setToolTip("Move recorded notes no more")
        self.reset.setProperty("kind", "link")
        for button in (self.use, self.reset):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        about = QLabel(ABOUT)
        about.setProperty("kind", "muted")
        about.setWordWrap(True)
        ports = QGridLayout()
        ports.setHorizontalSpacing(16)
        ports.setVerticalSpacing(8)
        for row, choice in enumerate((self.output, self.input)):
            caption = QLabel(choice.caption)
            caption.setProperty("kind", "muted")
            ports.addWidget(caption, row, 0)
            ports.addWidget(choice, row, 1)
        ports.setColumnStretch(1, 1)
        found = QHBoxLayout()
        found.setSpacing(8)
        found.addWidget(self.median, 0, Qt.AlignmentFlag.AlignBaseline)
        found.addWidget(self.spread, 1, Qt.AlignmentFlag.AlignBaseline)
        found.addWidget(self.use)
        offset = QHBoxLayout()
        offset.setSpacing(4)
        offset.addWidget(self.offset)
        offset.addWidget(self.reset)
        offset.addStretch(1)
        rule = QFrame()
        rule.setObjectName("rule")
        rule.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(about)
        column.addLayout(ports)
        column.addWidget(self.measure)
        column.addWidget(self.bar)
        column.addLayout(found)
        column.addWidget(self.problem)
        column.addWidget(rule)
        column.addLayout(offset)


def _spread(found: RoundTrip) -> str:
    return f"± {found.spread_ms / 2:.1f} ms, {found.heard} of {NOTES} notes"


def _words(ports: PortList) -> Mapping[str, str]:
    return {name: name for name in (*ports.names, *([ports.virtual] if ports.virtual else []))}
