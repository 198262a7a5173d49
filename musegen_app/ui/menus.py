"""What the transport's fields offer when they open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
        _choice(menu, named(name), chosen=name == now).triggered.connect(lambda _=False, n=name: choose(n))
    if ports.problem or not ports.names:
        menu.addAction(ports.problem or "No MIDI output port is there").setEnabled(False)
    if ports.hint:
        menu.addAction(ports.hint).setEnabled(False)
    if ports.virtual:
        _choice(menu, ports.virtual, chosen=ports.virtual == now).triggered.connect(lambda: choose(ports.virtual))
    elif ports.virtual_hint:
        menu.addAction(ports.virtual_hint).setEnabled(False)
    menu.addSeparator()
    _choice(menu, "No port (silent)", chosen=not now).triggered.connect(lambda: choose(""))


def fill_clock_ports(menu: QMenu, ports: PortList, now: Collection[str], choose: Callable[[str, bool], None]) -> None:
    """Offer the ports that may get our clock, each to be switched on and off; "" is the main one."""
    there = (*ports.names, *([ports.virtual] if ports.virtual else []))
    for name in ("", *there, *(name for name in now if name and name not in there)):
        action = _choice(menu, named(name) or "Main port", chosen=name in now)
        action.triggered.connect(lambda on, n=name: choose(n, on))


def fill_clock_inputs(menu: QMenu, ports: PortList, now: str, choose: Callable[[str], None]) -> None:
    """Offer the inputs whose clock may be followed, and none."""
    there = (*ports.names, *([ports.virtual] if ports.virtual else []))
    _choice(menu, "None: our own tempo", chosen=not now).triggered.connect(lambda: choose(""))
    for name in (*there, *([now] if now and now not in there else [])):
        _choice(menu, named(name), chosen=name == now).triggered.connect(lambda _=False, n=name: choose(n))
    if not there and ports.problem:
        menu.addAction(ports.problem).setEnabled(False)


def fill_track_ports(menu: QMenu, ports: PortList, now: str, choose: Callable[[str], None]) -> None:
    """Offer the ports that a track may have for itself, the main one first."""
    there = (*ports.names, *([ports.virtual] if ports.virtual else []))
    for name in ("", *there, *([now] if now and now not in there else [])):
        gone = " (not there)" if name and name not in there else ""
        action = _choice(menu, (named(name) or "Main port") + gone, chosen=name == now)
        action.triggered.connect(lambda _=False, n=name: choose(n))


def named(port: str) -> str:
    """A port's name as a menu shows it, where & would underline a letter."""
    return port.replace("&", "&&")


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
