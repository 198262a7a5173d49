"""The log: a rotating file in the user's log folder. Nothing is ever logged to the terminal, which belongs to answers."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from musegen_app.paths import log_dir

MAX_BYTES: Final = 1_000_000
KEPT_FILES: Final = 3
_FORMAT: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_path() -> Path:
    """The newest log file."""
    return log_dir() / "musegen.log"


@contextmanager
def logging_to_file(level: int = logging.INFO) -> Iterator[Path]:
    """Send log records and Python's warnings to :func:`log_path` while the context lasts.

    The file is made with the first record. Where it cannot be written, records are dropped: a full disk must not stop the
    music.
    """
    root = logging.getLogger()
    handler = _handler()
    handler.setLevel(level)
    handler.addFilter(_is_ours_or_matters)
    level_before, raising_before = root.level, logging.raiseExceptions
    root.addHandler(handler)
    root.setLevel(min(level, level_before))
    logging.raiseExceptions = False
    capture = not sys.warnoptions  # whoever asked for warnings (-W, tests) gets them where they expect them
    logging.captureWarnings(capture)
    try:
        yield log_path()
    finally:
        logging.captureWarnings(capture=False)
        logging.raiseExceptions = raising_before
        root.setLevel(level_before)
        root.removeHandler(handler)
        handler.close()


def _is_ours_or_matters(record: logging.LogRecord) -> bool:
    """Other packages tell much that is of use to their makers only."""
    return record.levelno >= logging.WARNING or record.name.startswith("musegen_app")


def _handler() -> logging.Handler:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return logging.NullHandler()
    handler = RotatingFileHandler(
        path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="backslashreplace", delay=True
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler
