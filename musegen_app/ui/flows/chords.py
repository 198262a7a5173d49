"""The chord track's commands: show it, read the chords from the notes, take them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor import chord_edits
from musegen_app.editor.document import Document
from musegen_app.ui.actions import Command
from musegen_app.ui.preferences import Preferences

NO_NOTES: Final = "There are no notes to read chords from."


class ChordTrack(QObject):
    """``shown_changed`` comes with whether the chord track shows."""

    shown_changed = Signal(bool)

    def __init__(self, document: Document, preferences: Preferences, say: Callable[[str], None]) -> None:
        super().__init__()
        self._document, self._preferences, self._say = document, preferences, say
        self._is_shown = preferences.value.chord_lane

    @property
    def is_shown(self) -> bool:
        """Whether it shows."""
        return self._is_shown

    def toggle(self) -> None:
        """Show it, or hide it; a hidden one guides nothing."""
        self._show(shown=not self._is_shown)
        self._preferences.change(chord_lane=self._is_shown)

    def find(self) -> None:
        """Read the chords from the notes that sound, and show them."""
        count = chord_edits.find(self._document)
        self._say(f"Found {count} {'chord' if count == 1 else 'chords'}" if count else NO_NOTES)
        if count and not self._is_shown:
            self.toggle()

    def clear(self) -> None:
        """Take all chords out."""
        chord_edits.clear(self._document)

    def loaded(self) -> None:
        """Another piece: one with chords shows them."""
        if self._document.score.chords:
            self._show(shown=True)

    def _show(self, *, shown: bool) -> None:
        if shown != self._is_shown:
            self._is_shown = shown
            self.shown_changed.emit(shown)

    def commands(self) -> tuple[Command, ...]:
        """Its rows of the menus."""
        return (
            Command(
                "find_chords",
                "Edit",
                "Find chords",
                ("Ctrl+Shift+K",),
                self.find,
                "Read the chords from the notes",
                gap=True,
            ),
            Command("clear_chords", "Edit", "Delete all chords", (), self.clear),
            Command(
                "chords", "View", "Chord track", ("Ctrl+K",), self.toggle, "Show the chord track", checkable=True, gap=True
            ),
        )
