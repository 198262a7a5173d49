"""Whether a model can be trained here, and on what: the extra packages, and the folder's files."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from musegen_app.errors import TrainingError
from musegen_app.files.collection import collection
from musegen_app.paths import bundle_dir

_NEEDED: Final = ("torch", "onnx", "tqdm")


@dataclass(frozen=True, slots=True)
class Missing:
    """Why nothing can be trained here: a sentence, and the command that helps ("" where none does)."""

    sentence: str
    command: str


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What a folder holds: the number of MIDI files by subfolder (or by the sets of its index), the most first."""

    folder: Path
    sets: tuple[tuple[str, int], ...]

    @property
    def files(self) -> int:
        """All files."""
        return sum(count for _, count in self.sets)


def missing() -> Missing | None:
    """What training lacks here, None where it lacks nothing."""
    if getattr(sys, "frozen", False) or find_spec("musegen_app.training") is None:
        return Missing("This MuseGen comes without the training room; run it from its source to train models.", "")
    lacking = [name for name in _NEEDED if find_spec(name) is None]
    if not lacking:
        return None
    checkout = bundle_dir()
    pinned = (checkout / "constraints.txt").is_file()
    pip = "pip install -c constraints.txt '.[train]'" if pinned else 'pip install "musegen[train]"'
    if pinned and (own := next((p for p in (".venv/bin", r".venv\Scripts") if (checkout / p).is_dir()), "")):
        pip = f"{own}{'/' if '/' in own else chr(92)}{pip}"
    where = f" in {checkout}" if pinned else ""
    return Missing(f"Training needs PyTorch, which is not installed here. Run this{where} and start MuseGen again:", pip)


def look_into(folder: Path) -> FolderContents:
    """What there is to learn from, by name only: no file is opened. Slow for a large folder.

    Raises:
        TrainingError: it is no folder, holds fewer than two MIDI files, or cannot be read.
        FileError: its index cannot be read.
    """
    if not folder.is_dir():
        raise TrainingError(f"{folder.name} is not a folder.")
    try:
        found = collection(folder)
    except OSError as error:
        raise TrainingError(f"The folder {folder.name} cannot be read.") from error
    if not found:
        raise TrainingError(f"There are no MIDI files in {folder.name}.")
    if len(found) == 1:
        raise TrainingError(f"{folder.name} holds one piece; training needs at least two, to hold one out.")
    counts = Counter(source.set for source in found)
    return FolderContents(folder, tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))
