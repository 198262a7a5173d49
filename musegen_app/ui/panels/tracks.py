"""The left panel: the tracks, and the grip that drags the piece out as a MIDI file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

from musegen_app.midi_io.devices import PortList
from musegen_app.score import DRUM_CHANNEL, Track
from musegen_app.ui import menus
from musegen_app.ui.colours import TRACK_HUES
from musegen_app.ui.controls.bank_choice import fill_banks
from musegen_app.ui.controls.grip import Grip
from musegen_app.ui.controls.icon_button import IconButton
from musegen_app.ui.controls.soon import soon
from musegen_app.ui.general_midi import FAMILIES
from musegen_app.ui.panels.take_list import TakeList
from musegen_app.ui.panels.track_row import ROW_PX, TrackRow
from musegen_app.ui.theme import LEFT_PX

CHANNELS = 16
SHOWN_TRACKS = 4
"""Tracks that are seen without scrolling while there are takes under them."""


class TracksPanel(QFrame):
    """Lists the tracks. Signals carry the track's id and what is wished; the panel changes nothing itself.

    ``list_ports`` tells which ports a track may be sent to.
    """

    chosen = Signal(int)
    renamed = Signal(int, str)
    muted = Signal(int, bool)
    soloed = Signal(int, bool)
    program_chosen = Signal(int, int)
    channel_chosen = Signal(int, int)
    port_chosen = Signal(int, str)
    bank_chosen = Signal(int, object)
    deleted = Signal(int)

    def __init__(self, add_track: QAction, grip: Grip) -> None:
        super().__init__()
        self.setObjectName("leftPanel")
        self.setFixedWidth(LEFT_PX)
        self.rows: list[TrackRow] = []
        self._in_sight: tuple[int, int | None] = (-1, None)
        self._scroll = soon(self, self._scroll_to_active)
        self.takes = TakeList()
        self.list_ports: Callable[[], PortList] = PortList
        self._list = QVBoxLayout()
        self._list.setContentsMargins(8, 0, 8, 0)
        self._list.setSpacing(4)
        self._list.addStretch(1)
        scrolled = QWidget()
        scrolled.setObjectName("scrolled")
        scrolled.setLayout(self._list)
        area = self._area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(scrolled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 16)
        column.setSpacing(4)
        column.addLayout(_heading("TRACKS", add_track))
        column.addWidget(area, 1)
        column.addWidget(self.takes, 3)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 0)
        foot.addWidget(grip)
        column.addLayout(foot)

    def show_tracks(self, tracks: Sequence[Track], active_id: int | None) -> None:
        """Show these tracks; rows of tracks that stay are kept, so an open editor is not torn away."""
        while len(self.rows) > len(tracks):
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        self._area.setMinimumHeight(min(len(tracks), SHOWN_TRACKS) * (ROW_PX + self._list.spacing()))
        for index, track in enumerate(tracks):
            if index == len(self.rows):
                self._add_row(track, TRACK_HUES[index % len(TRACK_HUES)])
            self.rows[index].show_track(track, active=track.id == active_id)
        self._keep_in_sight(tracks, active_id)

    def _keep_in_sight(self, tracks: Sequence[Track], active_id: int | None) -> None:
        """Scroll to the active track whenever it is another one or has another place."""
        place = next((index for index, track in enumerate(tracks) if track.id == active_id), -1)
        if (place, active_id) != self._in_sight:
            self._in_sight = (place, active_id)
            self._scroll.start()

    def _scroll_to_active(self) -> None:
        place, _ = self._in_sight
        if 0 <= place < len(self.rows):
            self._area.ensureWidgetVisible(self.rows[place], 0, self._list.spacing())

    def track_menu(self, row: TrackRow) -> QMenu:
        """The context menu of a row."""
        track = row.track
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename…").triggered.connect(row.begin_renaming)
        sounds = menu.addMenu("Instrument")
        sounds.setEnabled(not track.is_drums)
        for family, (family_name, names) in enumerate(FAMILIES):
            submenu = sounds.addMenu(family_name)
            for offset, name in enumerate(names):
                program = family * len(names) + offset
                action = submenu.addAction(f"{program + 1}  {name}")
                action.setCheckable(True)
                action.setChecked(program == track.program)
                action.triggered.connect(lambda _=False, p=program: self.program_chosen.emit(track.id, p))
        fill_banks(menu.addMenu("Bank"), track.bank, lambda bank: self.bank_chosen.emit(track.id, bank))
        channels = menu.addMenu("Channel")
        for channel in range(CHANNELS):
            action = channels.addAction(f"{channel + 1}" + ("  drums" if channel == DRUM_CHANNEL else ""))
            action.setCheckable(True)
            action.setChecked(channel == track.channel)
            action.triggered.connect(lambda _=False, c=channel: self.channel_chosen.emit(track.id, c))
        ports = menu.addMenu("Port")
        menus.fill_track_ports(ports, self.list_ports(), track.port, lambda name: self.port_chosen.emit(track.id, name))
        menu.addSeparator()
        delete = menu.addAction("Delete track")
        delete.setEnabled(len(self.rows) > 1)
        delete.triggered.connect(lambda: self.deleted.emit(track.id))
        return menu

    def _add_row(self, track: Track, hue: str) -> None:
        row = TrackRow(track, hue)
        row.chosen.connect(lambda: self.chosen.emit(row.track.id))
        row.renamed.connect(lambda name: self.renamed.emit(row.track.id, name))
        row.muted.connect(lambda on: self.muted.emit(row.track.id, on))
        row.soloed.connect(lambda on: self.soloed.emit(row.track.id, on))
        row.menu_wanted.connect(lambda event: self._open_menu(row, event))
        row.stepped.connect(lambda towards: self._step(row, towards))
        self.rows.append(row)
        self._list.insertWidget(self._list.count() - 1, row)

    def _step(self, row: TrackRow, towards: int) -> None:
        place = self.rows.index(row) + towards
        if 0 <= place < len(self.rows):
            self.rows[place].setFocus(Qt.FocusReason.TabFocusReason)
            self.chosen.emit(self.rows[place].track.id)

    def _open_menu(self, row: TrackRow, event: QContextMenuEvent) -> None:
        self.track_menu(row).popup(event.globalPos())


def _heading(text: str, action: QAction) -> QHBoxLayout:
    label = QLabel(text)
    label.setProperty("kind", "heading")
    row = QHBoxLayout()
    row.setContentsMargins(20, 0, 10, 0)
    row.addWidget(label)
    row.addStretch(1)
    row.addWidget(IconButton.of(action, "plus", size_px=28))
    return row
