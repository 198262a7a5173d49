"""A narrow button with an arrow: it opens the lesser choices of the button on its left."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from musegen_app.ui.controls.field import FillMenu
from musegen_app.ui.controls.icon_button import IconButton, Tone

_WIDTH_PX = 22


class MenuButton(IconButton):
    """Opens a fresh menu under itself, filled by ``fill`` each time."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__("chevron-down", Tone.FLAT, _WIDTH_PX)
        self.setToolTip(tip)
        self.setAccessibleName(name)
        self.fill: FillMenu | None = None
        self.clicked.connect(self.open_menu)

    def open_menu(self) -> None:
        """Open the choices."""
        if self.fill is not None:
            menu = QMenu(self)
            menu.setToolTipsVisible(True)
            self.fill(menu)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.mapToGlobal(QPoint(0, self.height() + 8)))
