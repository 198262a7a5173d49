"""Every command of the window as a row: name, menu, words, keys, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

Slot = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``menu`` is the submenu it stands in ("" for none), ``keys`` its shortcuts, the first one shown.

    ``checkable`` commands keep a state; ``gap`` puts a line above it in the menu.
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...]
    slot: Slot
    tip: str = ""
    checkable: bool = False
    gap: bool = False
    shortcut_context: Qt.ShortcutContext = field(default=Qt.ShortcutContext.WindowShortcut)


def make_actions(owner: QWidget, commands: Sequence[Command]) -> dict[str, QAction]:
    """An action for each command, by name, added to ``owner`` so that their keys work wherever they are shown."""
    made: dict[str, QAction] = {}
    for command in commands:
        action = QAction(command.text, owner)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setShortcutContext(command.shortcut_context)
        action.setCheckable(command.checkable)
        action.setToolTip(tip_of(command.tip or command.text, command.keys))
        action.triggered.connect(lambda _checked=False, slot=command.slot: slot())
        owner.addAction(action)
        made[command.name] = action
    return made


def tip_of(words: str, keys: Sequence[str]) -> str:
    """A tooltip: the words and the first shortcut, as the system writes it."""
    words = words.replace("&", "").removesuffix("…")
    return f"{words} ({shown_keys(keys[0])})" if keys else words


def shown_keys(keys: str) -> str:
    """A shortcut as the system writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def fill_menu(menu: QMenu, commands: Sequence[Command], actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Put the commands into submenus of ``menu``, in their order; the submenus are returned by title."""
    submenus: dict[str, QMenu] = {}
    for command in commands:
        if not command.menu:
            continue
        if command.menu not in submenus:
            submenus[command.menu] = menu.addMenu(command.menu)
        if command.gap:
            submenus[command.menu].addSeparator()
        submenus[command.menu].addAction(actions[command.name])
    return submenus
