"""A slider, choice or switch for each control that a family of models has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musegen_app.generate.families import Control
from musegen_app.ui.controls.choice_row import ChoiceRow
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.controls.toggle import Toggle

Row = SliderRow | ChoiceRow | Toggle


class ControlRows(QWidget):
    """Rows for what :meth:`offer` is given; ``changed`` comes with each move of the user's."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[Control, Row] = {}
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
            if isinstance(row, Toggle):
                row.setChecked(bool(value))
            else:
                row.set_value(value)
        self.setVisible(bool(self._rows))

    def row(self, name: str) -> Row:
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
            signal = row.clicked if isinstance(row, Toggle) else row.changed
            signal.connect(lambda *_: self.changed.emit())


def _row(control: Control) -> Row:
    if control.is_switch:
        return Toggle(control.label, control.tip)
    shown = words_for(control)
    if control.choices:
        names = dict(zip(control.choices, control.choice_names or map(shown, control.choices), strict=True))
        return ChoiceRow(control.label, names, control.default, control.tip)
    scale = Scale(control.low, control.high, control.default, control.step, shown)
    return SliderRow(control.label, scale, control.tip)


def words_for(control: Control) -> Callable[[float], str]:
    """How values are told: the default by its name where it has one, others as numbers with their unit."""
    is_whole = float(control.step).is_integer() and float(control.low).is_integer()

    def words(value: float) -> str:
        if control.neutral and value == control.default:
            return control.neutral
        if control.unit == "%":
            return f"{value:.0%}".replace("%", " %")
        number = f"{value:.0f}" if is_whole else f"{value:.2f}"
        return f"{number} {control.unit}" if control.unit else number

    return words


def _value(row: Row) -> float:
    return float(row.isChecked()) if isinstance(row, Toggle) else row.value
