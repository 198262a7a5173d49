"""Where things lie: shipped models and resources, and the user's own folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("MuseGen", appauthor=False)


def bundle_dir() -> Path:
    """The folder that holds ``models`` and ``resources``: PyInstaller's, the checkout, or the installed package's data.

    An installer puts data under ``share/musegen`` of whatever prefix it was given (a venv, ``--user``, ``--prefix``), and
    the package some levels below the same prefix.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    package = Path(__file__).resolve().parent
    if (package.parent / "resources").is_dir():
        return package.parent
    shares = (prefix / "share" / "musegen" for prefix in package.parents)
    return next((share for share in shares if share.is_dir()), Path(sys.prefix) / "share" / "musegen")


def resources_dir() -> Path:
    """Icons and demo seeds."""
    return bundle_dir() / "resources"


def model_dirs() -> tuple[Path, ...]:
    """Folders searched for models, the user's first. ``MUSEGEN_MODELS`` puts one before them."""
    given = os.environ.get("MUSEGEN_MODELS")
    dirs = (data_dir() / "models", bundle_dir() / "models")
    return (Path(given), *dirs) if given else dirs


def data_dir() -> Path:
    """The user's models, autosaves and exported clips. ``MUSEGEN_HOME`` moves all user folders (tests, portable use)."""
    home = os.environ.get("MUSEGEN_HOME")
    return Path(home) / "data" if home else _DIRS.user_data_path


def config_dir() -> Path:
    """Settings."""
    home = os.environ.get("MUSEGEN_HOME")
    return Path(home) / "config" if home else _DIRS.user_config_path


def log_dir() -> Path:
    """Log files."""
    home = os.environ.get("MUSEGEN_HOME")
    return Path(home) / "log" if home else _DIRS.user_log_path
