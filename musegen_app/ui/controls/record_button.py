"""The record button: its dot is amber, and while it records the button is."""

from __future__ import annotations

from PySide6.QtGui import QColor

from musegen_app.ui import colours
from musegen_app.ui.controls.icon_button import IconButton


class RecordButton(IconButton):
    """Amber is time, and recording is done in time."""

    def _background(self) -> QColor | None:
        return colours.colour(self, colours.TIME) if self.isChecked() else super()._background()

    def _foreground(self) -> QColor:
        return colours.colour(self, colours.BACKGROUND if self.isChecked() else colours.TIME)
