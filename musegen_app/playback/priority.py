"""As much priority as the system gives: real-time, else high, else normal. The level reached is told."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from typing import Final

_TIMER_SLACK: Final = 29  # PR_SET_TIMERSLACK of linux/prctl.h
_RT_LEVEL: Final = 20
_HIGH_CLASS: Final = 0x80
_TIME_CRITICAL: Final = 15

REALTIME: Final = "Real-time priority"
HIGH: Final = "High priority"
NORMAL: Final = "Normal priority"


def raise_priority() -> str:
    """Raise this process as far as it goes, and turn the garbage collector off; the level in words."""
    gc.collect()
    gc.disable()
    if sys.platform == "win32":
        return _windows()
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_TIMER_SLACK, 1000, 0, 0, 0)
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_RT_LEVEL))
            return REALTIME
    try:
        os.nice(-10)
    except OSError:
        return NORMAL
    return HIGH


def _windows() -> str:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  absent elsewhere
    reached = kernel.SetPriorityClass(kernel.GetCurrentProcess(), _HIGH_CLASS)
    kernel.SetThreadPriority(kernel.GetCurrentThread(), _TIME_CRITICAL)
    return HIGH if reached else NORMAL
