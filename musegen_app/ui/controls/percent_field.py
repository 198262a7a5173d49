"""A number field of whole per cent."""

from __future__ import annotations

from musegen_app.ui.controls.number_field import NumberField


class PercentField(NumberField):
    """Shows ``nothing`` where the number is 0."""

    def __init__(self, caption: str, most: int, width_px: int, tip: str, nothing: str) -> None:
        super().__init__(caption, (0, most), width_px, tip)
        self._nothing = nothing

    def set_value(self, value: float) -> None:
        """Show a number, quietly."""
        self._value = float(round(value))
        self.show_value(f"{self._value:.0f} %" if self._value else self._nothing)
