"""Files for drags out of the window: a fresh one each time, kept until the program quits, since a DAW reads them late."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from musegen_app.errors import MuseGenError
from musegen_app.files import write_midi
from musegen_app.paths import data_dir
from musegen_app.score import Score

_UNSAFE: Final = re.compile(r"[^\w\-. ]+")
_MAX_NAME: Final = 60


class Clips:
    """Writes clips into a folder of this process and removes the folder when closed."""

    def __init__(
        self,
        score: Callable[[], Score],
        title: Callable[[], str],
        tell: Callable[[str], None],
        texts: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._score, self._title, self._tell, self._texts = score, title, tell, texts
        self._folder = data_dir() / "clips" / str(os.getpid())
        self._count = 0

    def write(self) -> Path | None:
        """Write the piece as it is now; None (and a sentence told) where that fails."""
        self._count += 1
        name = _UNSAFE.sub("", self._title()).strip(" .")[:_MAX_NAME] or "MuseGen"
        path = self._folder / f"{self._count:03d}" / f"{name}.mid"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_midi(self._score(), path, texts=self._texts())
        except (OSError, MuseGenError) as error:
            self._tell(str(error) if isinstance(error, MuseGenError) else f"The clip cannot be written to {path.parent}.")
            return None
        return path

    def close(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._folder, ignore_errors=True)
