"""The status line: port, priority, lateness; key found, notes, hint."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from musegen_app.editor.document import Document
from musegen_app.playback.client import PlayerStatus
from musegen_app.playback.priority import HIGH, NORMAL, REALTIME
from musegen_app.ui.panels.status import StatusLine
from musegen_app.ui.presenters.key import KeyWatch

HINT: Final = "? for keys and gestures"
_HINT_MS: Final = 4_000
_MEANS: Final = {
    REALTIME.name: "notes leave before any other program is heeded",
    HIGH.name: "notes leave before most other programs are heeded",
    NORMAL.name: "notes wait where other programs keep the machine busy",
}


class StatusPresenter(QObject):
    """Keeps the line in step."""

    def __init__(self, line: StatusLine, document: Document, key: KeyWatch) -> None:
        super().__init__()
        self._line, self._document, self._key = line, document, key
        self._said = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_HINT_MS)
        self._timer.timeout.connect(lambda: self.say(""))
        key.changed.connect(self.show_music)
        self.show_music()

    def close(self) -> None:
        """Say no more."""
        self._timer.stop()

    def say(self, words: str) -> None:
        """Say something for a moment in the place of the hint."""
        self._said = words
        if words:
            self._timer.start()
        self.show_music()

    def show_music(self) -> None:
        """Show what the piece holds."""
        found, count = self._key.choice.found, self._document.score.note_count
        facts = (
            f"Key found: {found.key.name} ({found.confidence:.2f})" if found else "",
            "" if not count else "1 note" if count == 1 else f"{count:,} notes".replace(",", " "),
        )
        self._line.show_music(*((self._said, *facts) if self._said else (*facts, HINT)))  # what is last may be cut

    def show_playback(self, status: PlayerStatus) -> None:
        """Show how playback does."""
        lateness = status.lateness_p99_ms
        self._line.show_playback(
            status.problem or status.port or "No MIDI port: playing is silent",
            status.priority,
            f"lateness p99 {lateness:.2f} ms" if lateness is not None else "",
        )
        self._line.playback.show_details(details_of(status))


def details_of(status: PlayerStatus) -> str:
    """What the line's tooltip says of how time is kept: lines of text, "" before the engine has told."""
    lines = [f"{status.priority}: {_MEANS[status.priority]}" if status.priority in _MEANS else status.priority]
    if status.lateness_p99_ms is not None:
        lines.append("Lateness of events since playing began:")
        measured = (("p50", status.lateness_p50_ms), ("p99", status.lateness_p99_ms), ("max", status.lateness_max_ms))
        lines.append(", ".join(f"{name} {value:.2f} ms" for name, value in measured if value is not None))
    elif status.priority:
        lines.append("Lateness is measured while it plays.")
    if status.problem:
        lines.insert(0, status.problem)
    return "\n".join(line for line in lines if line)
