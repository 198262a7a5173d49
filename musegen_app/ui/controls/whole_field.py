"""A number field of whole numbers from 0."""

from __future__ import annotations

from collections.abc import Callable

from musegen_app.ui.controls.number_field import NumberField


class WholeField(NumberField):
    """Shows a number in ``words``."""

    def __init__(self, caption: str, most: int, width_px: int, tip: str, words: Callable[[int], str] = str) -> None:
        super().__init__(caption, (0, most), width_px, tip)
        self._words = words

    def set_value(self, value: float) -> None:
        """Show a number, quietly."""
        self._value = float(round(value))
        self.show_value(self._words(round(value)))
