"""A slider or switch for each control that a family of models has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musegen_app.generate.families import Control
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.controls.toggle import Toggle


class ControlRows(QWidget):
    """Rows for what :meth:`offer` is given; ``changed`` comes with each move of the user's."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[Control, SliderRow | Toggle] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    @property
    def values(self) -> tuple[tuple[str, float], ...]:
        """Name and value of each."""
        return tuple((control.name, _value(row)) for control, row in self._rows.items())

    def offer(self, controls: Sequence[Control], values: Mapping[str, float]) -> None:
        """Show exactly these controls, with these values or else their defaults, quietly."""
        if tuple(self._rows) != tuple(controls):
            self._build(controls)
        for control, row in self._rows.items():
            value = values.get(control.name, control.default)
            if isinstance(row, SliderRow):
                row.set_value(value)
            else:
                row.setChecked(bool(value))
        self.setVisible(bool(self._rows))

    def row(self, name: str) -> SliderRow | Toggle:
        """The row of the control ``name``."""
        return next(row for control, row in self._rows.items() if control.name == name)

    def _build(self, controls: Sequence[Control]) -> None:
        for old in self._rows.values():
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = {control: _row(control) for control in controls}
        for row in self._rows.values():
            self._column.addWidget(row)
            signal = row.changed if isinstance(row, SliderRow) else row.clicked
            signal.connect(lambda *_: self.changed.emit())


def _row(control: Control) -> SliderRow | Toggle:
    if control.is_switch:
        return Toggle(control.label, control.tip)
    scale = Scale(control.low, control.high, control.default, control.step, _shown(control))
    return SliderRow(control.label, scale, control.tip)


def _shown(control: Control) -> Callable[[float], str]:
    """Values are told as whole numbers where they are, else to the hundredth."""
    whole = float(control.step).is_integer() and float(control.low).is_integer()
    return ("{:.0f}" if whole else "{:.2f}").format


def _value(row: SliderRow | Toggle) -> float:
    return row.value if isinstance(row, SliderRow) else float(row.isChecked())
