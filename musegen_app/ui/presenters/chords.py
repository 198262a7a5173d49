"""The chord track in the window: its lane under the ruler, and what the panel says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from musegen_app.editor.document import Document
from musegen_app.ui.flows.chords import ChordTrack
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.roll.chord_corner import ChordCorner


class ChordPresenter(QObject):
    """Joins the lane, the panel's switch and the menu's check to the chord track."""

    def __init__(
        self,
        track: ChordTrack,
        document: Document,
        roll: RollArea,
        panel: GeneratePanel,
        actions: Mapping[str, QAction],
        say: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._track, self._document, self._roll, self._panel, self._actions = track, document, roll, panel, actions
        roll.add_chord_corner(ChordCorner(actions["find_chords"], actions["chords"]))
        roll.chords.refused.connect(say)
        track.shown_changed.connect(lambda _shown: self.show())
        self.show()

    def show(self) -> None:
        """Show what there is."""
        shown, any_chords = self._track.is_shown, bool(self._document.score.chords)
        self._roll.show_chords(shown=shown)
        self._panel.show_chords(shown=shown, enabled=any_chords)
        self._actions["chords"].setChecked(shown)
        self._actions["clear_chords"].setEnabled(any_chords)

    def loaded(self) -> None:
        """Another piece is open."""
        self._track.loaded()
        self.show()
