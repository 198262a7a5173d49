"""The transport bar: shows tempo, metre, snap, key, port and place, and hands the musician's choices on."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musegen_app.editor.document import Document
from musegen_app.editor.grid import SNAPS, Snap
from musegen_app.playback.client import PlayerStatus
from musegen_app.score import Change, Timeline, TimelineEdit
from musegen_app.ui import menus
from musegen_app.ui.controls.field import FillMenu
from musegen_app.ui.controls.port_button import PortState
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.panels.transport import TransportBar, TransportMenus
from musegen_app.ui.presenters.key import KeyWatch
from musegen_app.ui.presenters.midi_setup import MidiSetup


class TransportPresenter(QObject):
    """Joins the bar to the document, the player and the key. Give it the bar with :meth:`show_on`."""

    def __init__(self, document: Document, playing: Playing, key: KeyWatch, midi: MidiSetup) -> None:
        super().__init__()
        self._document, self._playing, self._key, self._midi = document, playing, key, midi
        self._followed_bpm: float | None = None
        midi.following.tempo_changed.connect(self.show_followed)
        self._bar: TransportBar | None = None
        self._tempo_gesture = 0

    def menus(self, main: FillMenu) -> TransportMenus:
        """What the bar's fields offer; ``main`` fills the program's menu."""
        return TransportMenus(main, self._fill_metres, self._fill_snaps, self._fill_keys, self._midi.fill)

    def show_on(self, bar: TransportBar) -> None:
        """Keep this bar in step."""
        self._bar = bar
        bar.tempo.changed.connect(self._set_tempo)
        bar.tempo.settled.connect(self._end_tempo_gesture)
        self._playing.moved.connect(self.show_place)
        self._playing.state_changed.connect(lambda playing: bar.show_playing(playing=playing))
        self._playing.status_changed.connect(self.show_port)
        self._key.changed.connect(self.show_key)
        self.show_all()

    def show_all(self) -> None:
        """Show everything afresh."""
        self.show_timeline()
        self.show_snap()
        self.show_key()
        self.show_place(self._playing.tick)

    def show_timeline(self) -> None:
        """Show tempo and metre as they hold at the playhead."""
        if self._bar is not None:
            tick = int(self._playing.tick)
            metre = self._timeline.metre_at(tick)
            self._bar.metre.show_value(f"{metre.numerator}/{metre.denominator}")
            if self._followed_bpm is None and not self._bar.tempo.isDown():
                self._bar.tempo.set_value(self._timeline.tempo_at(tick).bpm)

    def show_followed(self, bpm: float | None) -> None:
        """Show the tempo of the clock that is followed, None when there is none: then the piece's own, to be changed."""
        self._followed_bpm = bpm
        if self._bar is not None:
            if bpm is not None:
                self._bar.tempo.set_value(bpm)
            self._bar.tempo.show_external(self._midi.following.wanted if bpm is not None else "")
            self.show_timeline()

    def show_place(self, tick: float) -> None:
        """Show where the playhead is."""
        if self._bar is not None:
            self._bar.position.show_tick(tick, self._timeline)
            if len(self._timeline.tempos) > 1 or len(self._timeline.metres) > 1:
                self.show_timeline()

    def show_snap(self) -> None:
        """Show the grid."""
        if self._bar is not None:
            self._bar.snap.show_value(self._document.snap.name)

    def show_key(self) -> None:
        """Show the key."""
        if self._bar is not None:
            self._bar.key.show_value(self._key.choice.words)

    def show_port(self, status: PlayerStatus) -> None:
        """Show the port in use."""
        if self._bar is not None:
            state = PortState.NONE if not status.port else PortState.LOST if status.problem else PortState.OPEN
            self._bar.port.show_port(status.port or "No MIDI port", state)
            self._bar.port.setToolTip(status.problem or "Where the notes are sent")

    # --- choices ------------------------------------------------------------------------------------------------------

    @property
    def _timeline(self) -> Timeline:
        return self._document.score.timeline

    def _set_tempo(self, bpm: float) -> None:
        changed = self._timeline.with_tempo(bpm, int(self._playing.tick))
        self._edit_timeline("Change tempo", changed, f"tempo {self._tempo_gesture}")

    def _end_tempo_gesture(self) -> None:
        self._tempo_gesture += 1

    def _set_metre(self, beats: int, unit: int) -> None:
        self._edit_timeline("Change metre", self._timeline.with_metre(beats, unit, int(self._playing.tick)))

    def _edit_timeline(self, name: str, changed: Timeline, join_key: str = "") -> None:
        change = Change((TimelineEdit(self._timeline, changed),))
        if change:
            self._document.edit(name, change, join_key)

    def _fill_metres(self, menu: QMenu) -> None:
        menus.fill_metres(menu, self._timeline.metre_at(int(self._playing.tick)), self._set_metre)

    def _fill_snaps(self, menu: QMenu) -> None:
        menus.fill_snaps(menu, SNAPS, self._document.snap, self._set_snap)

    def _set_snap(self, snap: Snap) -> None:
        self._document.snap = snap

    def _fill_keys(self, menu: QMenu) -> None:
        menus.fill_keys(menu, self._key.choice, self._key.choose)
