"""The start of the program: how long it took, counted from that of its process, and what rested until the window shows."""

from __future__ import annotations

import gc
import logging
import os
import time
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)
_STAT: Final = Path("/proc/self/stat")
_IMPORTED_S: Final = time.perf_counter()
_START_FIELD: Final = 19  # of /proc/self/stat, counted after the command's closing bracket (proc(5): field 22)


def running_ms() -> float:
    """Milliseconds since the process started.

    On Linux the kernel tells (in steps of 10 ms); elsewhere it is counted from the import of this module, the first of the
    window's own.
    """
    if _STAT.exists():
        try:
            return _since_exec_ms()
        except (OSError, ValueError, IndexError):
            _log.info("The kernel does not tell when the process started")
    return (time.perf_counter() - _IMPORTED_S) * 1000


def collect_garbage_again() -> None:
    """End the rest that the collector was given for the start. What there is by now lasts, and is never looked at again."""
    gc.freeze()
    gc.enable()


def _since_exec_ms() -> float:
    fields = _STAT.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    started_s = int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started_s) * 1000
