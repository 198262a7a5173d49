"""A track's bank: chosen in its menu, coarse and fine."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from musegen_app.ui.controls.bank_choice import BankFields


def bank_menu(stage) -> QMenu:
    menu = stage.studio.track_panel.track_menu(stage.studio.track_panel.rows[0])
    return next(action.menu() for action in menu.actions() if action.text() == "Bank")


def fields_of(menu: QMenu) -> BankFields:
    return menu.findChild(BankFields)


def test_a_bank_is_dialled_in_and_let_go_as_steps_of_undo(stage) -> None:
    menu = bank_menu(stage)
    assert menu.actions()[0].isChecked()
    fields = fields_of(menu)
    for _ in range(3):
        QTest.keyClick(fields.coarse, Qt.Key.Key_Up)
    QTest.keyClick(fields.fine, Qt.Key.Key_PageUp)
    assert stage.document.active_track.bank == 3 * 128 + 10
    assert not menu.actions()[0].isChecked()
    again = fields_of(bank_menu(stage))
    assert (again.coarse.text(), again.fine.text()) == ("3", "10")
    bank_menu(stage).actions()[0].trigger()
    assert stage.document.active_track.bank is None
    stage.do("undo")
    stage.do("undo")
    assert stage.document.active_track.bank is None


def test_a_bank_is_heard_by_what_is_auditioned(stage) -> None:
    stage.until(lambda: any(told[0] == "update" for told in stage.player.told))
    stage.player.told.clear()
    QTest.keyClick(fields_of(bank_menu(stage)).coarse, Qt.Key.Key_Up)
    stage.until(lambda: ("update", 0) in stage.player.told)


def test_the_largest_bank_is_the_last(stage) -> None:
    fields = fields_of(bank_menu(stage))
    for field in (fields.coarse, fields.fine):
        for _ in range(14):
            QTest.keyClick(field, Qt.Key.Key_PageUp)
    assert stage.document.active_track.bank == 16383
