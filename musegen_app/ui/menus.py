"""What the transport's fields offer when they open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from musegen_app.editor.grid import Snap
from musegen_app.midi_io.devices import PortList
from musegen_app.score import PITCH_NAMES, SCALES, Key, Metre
from musegen_app.ui.key_choice import KeyChoice, KeyMode

METRES: Final = (
    (2, 4),
    (3, 4),
    (4, 4),
    (5, 4),
    (6, 4),
    (7, 4),
    (2, 2),
    (3, 2),
    (3, 8),
    (5, 8),
    (6, 8),
    (7, 8),
    (9, 8),
    (12, 8),
)
COMMON_SCALES: Final = ("major", "minor")


def fill_metres(menu: QMenu, now: Metre, choose: Callable[[int, int], None]) -> None:
    """Offer the usual metres."""
    for beats, unit in METRES:
        action = _choice(menu, f"{beats}/{unit}", chosen=(beats, unit) == (now.numerator, now.denominator))
        action.triggered.connect(lambda _=False, b=beats, u=unit: choose(b, u))


def fill_ports(menu: QMenu, ports: PortList, now: str, choose: Callable[[str], None]) -> None:
    """Offer the ports there are, and none."""
    for name in ports.names:
        _choice(menu, name.replace("&", "&&"), chosen=name == now).triggered.connect(lambda _=False, n=name: choose(n))
    if ports.problem or not ports.names:
        menu.addAction(ports.problem or "No MIDI output port is there").setEnabled(False)
    if ports.hint:
        menu.addAction(ports.hint).setEnabled(False)
    menu.addSeparator()
    _choice(menu, "No port (silent)", chosen=not now).triggered.connect(lambda: choose(""))


def fill_keys(menu: QMenu, now: KeyChoice, choose: Callable[[KeyMode, Key | None], None]) -> None:
    """Offer the found key, none, and every tonic in every scale."""
    found = now.found.key.name if now.found else "nothing found yet"
    auto = _choice(menu, f"Auto: {found}", chosen=now.mode is KeyMode.AUTO)
    auto.triggered.connect(lambda: choose(KeyMode.AUTO, None))
    off = _choice(menu, "Off", chosen=now.mode is KeyMode.OFF)
    off.triggered.connect(lambda: choose(KeyMode.OFF, None))
    menu.addSeparator()
    locked = now.locked if now.mode is KeyMode.LOCKED else None
    for scale in COMMON_SCALES:
        _fill_scale(menu, scale, locked, choose)
    more = menu.addMenu("More scales")
    for scale in SCALES:
        if scale not in COMMON_SCALES:
            _fill_scale(more, scale, locked, choose)


def fill_snaps(menu: QMenu, snaps: Sequence[Snap], now: Snap, choose: Callable[[Snap], None]) -> None:
    """Offer the grid's steps."""
    for snap in snaps:
        _choice(menu, snap.name, chosen=snap == now).triggered.connect(lambda _=False, s=snap: choose(s))


def _fill_scale(menu: QMenu, scale: str, locked: Key | None, choose: Callable[[KeyMode, Key | None], None]) -> None:
    tonics = menu.addMenu(scale.capitalize())
    for tonic, name in enumerate(PITCH_NAMES):
        key = Key(tonic, scale)
        action = _choice(tonics, f"{name} {scale}", chosen=key == locked)
        action.triggered.connect(lambda _=False, k=key: choose(KeyMode.LOCKED, k))


def _choice(menu: QMenu, text: str, *, chosen: bool) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(chosen)
    return action
