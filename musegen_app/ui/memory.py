"""Let the C library keep the memory that drawing frees, so that the next frame need not ask the kernel for it again.

glibc hands blocks above its threshold straight back, and each frame's arrays then cost a page fault every four kilobytes:
16 ms a frame of 100,000 notes instead of 9. Elsewhere there is nothing to do.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 64 << 20
_LARGEST_KEPT_BYTES: Final = 16 << 20


def keep_freed_memory() -> bool:
    """Keep up to 64 MB at hand; whether the C library agreed. Call once, before the first frame."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # a C library without it, such as musl
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT_BYTES))
