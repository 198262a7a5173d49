"""Let playback and the window go first when a model keeps a core busy."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import Final

WORKER_NICE: Final = 10
_log = logging.getLogger(__name__)


def lower_own_priority(nice: int = WORKER_NICE) -> None:
    """Make the calling thread, and no other of the process, yield to the rest (Linux counts niceness by thread).

    Elsewhere niceness is the whole process's, so nothing is done there.
    """
    if sys.platform != "linux":
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
    except OSError as error:
        _log.info("The worker keeps its priority: %s", error)
