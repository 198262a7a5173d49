"""After a crash: offer what was not saved."""

from __future__ import annotations

from pathlib import Path

from musegen_app.errors import MuseGenError
from musegen_app.ui.flows.autosave import discard, restore, when_saved
from musegen_app.ui.flows.files import Files
from musegen_app.ui.panels.status import Notice


class Restoring:
    """Asks in the notice bar whether the newest of the files left behind shall be opened."""

    def __init__(self, files: Files, notice: Notice) -> None:
        self._files, self._notice = files, notice

    def offer(self, left_behind: tuple[Path, ...]) -> None:
        """Offer the first of ``left_behind``, if there is any."""
        if not left_behind:
            return
        newest = left_behind[0]
        self._notice.tell(
            f"MuseGen did not end cleanly; what was not saved is kept from {when_saved(newest)}.",
            ("Restore", lambda: self._restore(newest)),
            ("Discard", lambda: discard(newest)),
        )

    def _restore(self, file: Path) -> None:
        try:
            restored = self._files.restore(*restore(file))
        except MuseGenError as error:
            self._notice.tell(str(error))
        else:
            if restored:
                discard(file)
