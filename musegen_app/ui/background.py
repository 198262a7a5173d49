"""Work that must not hold up the window: one thread, jobs in order, answers on the UI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from musegen_app.errors import MuseGenError
from musegen_app.ui.bridge import Bridge

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Background:
    """Runs functions on a thread of its own. Make and use it on the UI thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
        self._answers: Bridge[Callable[[], None]] = Bridge(lambda answer: answer())

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[MuseGenError], None]) -> None:
        """Call ``work`` on the thread, then ``done`` with its result or ``failed`` with its error on the UI thread."""

        def job() -> None:
            try:
                result = work()
            except MuseGenError as error:
                told = error
                self._answers.post(lambda: failed(told))
            except Exception:  # noqa: BLE001  a bug in a job must not end the thread or pass unseen
                _log.exception("A job in the background failed")
                self._answers.post(lambda: failed(MuseGenError("Something went wrong inside MuseGen; the log tells what.")))
            else:
                self._answers.post(lambda: done(result))

        self._pool.submit(job)

    def close(self) -> None:
        """Finish what was begun or waits (an autosave is on its way), and give no more answers."""
        self._answers.close()
        self._pool.shutdown(wait=True)
