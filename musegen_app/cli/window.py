"""No command: the window."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final

from musegen_app.errors import MuseGenError

EXIT_AFTER_FIRST_PAINT: Final = "--exit-after-first-paint"
ARGUMENTS: Final = frozenset({EXIT_AFTER_FIRST_PAINT})


def run(argv: list[str]) -> int:
    """Open the window, with a file if one is named.

    Raises:
        MuseGenError: there is no display, or Qt is not installed whole.
    """
    if not has_display():
        raise MuseGenError(
            'There is no display to open a window on; "musegen continue SEED.mid -o OUT.mid" works without one.'
        )
    gc.disable()  # nothing is garbage yet; the window turns it on again once it shows
    try:
        from musegen_app.app import run_app
    except ImportError as error:
        raise MuseGenError(f"The window cannot open, because a part of Qt is missing: {error}.") from error
    return run_app(argv)


def has_display() -> bool:
    """Whether Qt can open a window here (on Linux it aborts where it cannot)."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
