"""The choice of a bank, in a menu: left as it is, or coarse and fine as the instrument's manual counts them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget, QWidgetAction

from musegen_app.ui.controls.whole_field import WholeField

_MOST = 127


class BankFields(QWidget):
    """Two fields beside each other; ``choose`` gets 128 × coarse + fine whenever one is changed."""

    def __init__(self, bank: int | None, choose: Callable[[int | None], None]) -> None:
        super().__init__()
        self.coarse = WholeField("Coarse", _MOST, 66, "Controller 0: drag, scroll or double-click to type")
        self.fine = WholeField("Fine", _MOST, 66, "Controller 32: drag, scroll or double-click to type")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 8)
        row.setSpacing(8)
        for field, value in ((self.coarse, (bank or 0) >> 7), (self.fine, (bank or 0) & _MOST)):
            field.set_value(value)
            field.changed.connect(lambda _: choose(round(self.coarse.value) << 7 | round(self.fine.value)))
            row.addWidget(field)


def fill_banks(menu: QMenu, bank: int | None, choose: Callable[[int | None], None]) -> None:
    """Offer no bank and every other."""
    none = menu.addAction("As the instrument has it")
    none.setCheckable(True)
    none.setChecked(bank is None)
    none.triggered.connect(lambda: choose(None))
    menu.addSeparator()
    fields = BankFields(bank, choose)
    for field in (fields.coarse, fields.fine):
        field.changed.connect(lambda _: none.setChecked(False))
    row = QWidgetAction(menu)
    row.setText("Coarse and fine")
    row.setDefaultWidget(fields)
    menu.addAction(row)
