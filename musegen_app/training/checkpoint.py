"""The file a training goes on from after a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch

from musegen_app.errors import TrainingError

FORMAT: Final = 2


def write_checkpoint(path: Path, stored: Mapping[str, Any]) -> None:
    """Write ``stored`` (plain values and tensors) beside the old file, then put it in its place.

    Raises:
        TrainingError: it cannot be written.
    """
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"format": FORMAT, **stored}, fresh)
        os.replace(fresh, path)  # noqa: PTH105 - the point is that it is atomic
    except (OSError, RuntimeError) as error:  # torch wraps a full disk in a RuntimeError
        raise TrainingError(f"The checkpoint cannot be written to {path.parent}; is the disk full?") from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What :func:`write_checkpoint` stored.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    try:
        stored = torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError as error:
        raise TrainingError(f"There is no training to go on with: {path} does not exist.") from error
    except Exception as error:  # torch raises whatever its unpickler does
        raise TrainingError(f"The checkpoint {path} is damaged.") from error
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise TrainingError(f"The checkpoint {path} was made by another version of MuseGen.")
    return stored


def settings_text(settings: Mapping[str, object]) -> str:
    """Settings in a form that is stored and compared."""
    return json.dumps(settings, sort_keys=True, ensure_ascii=False)
