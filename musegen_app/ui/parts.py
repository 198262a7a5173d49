"""The parts of the window, built in their order: flows, commands, roll, panels, and who presents what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musegen_app.editor.document import Document
from musegen_app.generate.registry import Listing
from musegen_app.jobs import Worker
from musegen_app.ui.actions import fill_menu, make_actions
from musegen_app.ui.appearance import Appearance
from musegen_app.ui.background import Background
from musegen_app.ui.commands import Views, command_table
from musegen_app.ui.controls.grip import Grip
from musegen_app.ui.dialogs import Asks
from musegen_app.ui.editing import Editing
from musegen_app.ui.empty_hint import EmptyHint, demo_seeds
from musegen_app.ui.flows.autosave import Autosave
from musegen_app.ui.flows.chords import ChordTrack
from musegen_app.ui.flows.clips import Clips
from musegen_app.ui.flows.files import Files
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.insight import Insight
from musegen_app.ui.flows.jamming import Band
from musegen_app.ui.flows.playing import Playing, Plays
from musegen_app.ui.flows.restoring import Restoring
from musegen_app.ui.flows.sound_export import SoundExport
from musegen_app.ui.flows.track_edits import TrackEdits
from musegen_app.ui.main_window import MainWindow
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.tracks import TracksPanel
from musegen_app.ui.panels.transport import TransportBar
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.beat import BeatPresenter
from musegen_app.ui.presenters.chords import ChordPresenter
from musegen_app.ui.presenters.continuing import ContinuePresenter
from musegen_app.ui.presenters.heading import Heading
from musegen_app.ui.presenters.insight import InsightPresenter, Stands
from musegen_app.ui.presenters.jam import JamPresenter, JamStands
from musegen_app.ui.presenters.key import KeyWatch
from musegen_app.ui.presenters.midi_setup import MidiSetup
from musegen_app.ui.presenters.recent import RecentFiles
from musegen_app.ui.presenters.recording import RecordPresenter
from musegen_app.ui.presenters.status import StatusPresenter
from musegen_app.ui.presenters.takes import TakesPresenter
from musegen_app.ui.presenters.transport import TransportPresenter
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.train.presenter import TrainPresenter


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the window is built over. Whoever makes them closes them, after the studio."""

    document: Document
    player: Plays
    worker: Worker
    background: Background
    asks: Asks
    appearance: Appearance
    preferences: Preferences
    list_models: Callable[[], Listing]


class Parts(QObject):
    """Everything the window is made of, not yet wired; ``views`` answers to the commands of the window itself.

    UI thread only.
    """

    def __init__(self, rooms: Rooms, views: Views) -> None:
        super().__init__()
        self.rooms = rooms
        document = self.document = rooms.document
        self.playing = Playing(document, rooms.player)
        self.generating = Generating(document, rooms.worker)
        self.insight = Insight(document, rooms.worker)
        self.tracks = TrackEdits(document)
        self.files = Files(document, self.tracks, rooms.background, rooms.asks, lambda: rooms.preferences.value)
        self.autosave = Autosave(self.files.project, lambda: document.path, rooms.background)
        self.clips = Clips(self.files.exported, lambda: self.files.title, self.tell, self.files.texts)
        self.sound = SoundExport(document, self.files.sound_path)
        self.key = KeyWatch(document)
        self.beat = BeatPresenter(document, self.playing, rooms.preferences)
        self.roll = RollArea(document, rooms.appearance.palette, self.playing.audition)
        self.editing = Editing(document, self.roll, self.playing, self.say)
        self.chords = ChordTrack(document, rooms.preferences, self.say)
        rows = command_table(self.files, self.playing, self.generating, self.insight, self.tracks, self.editing, views)
        self.taking = TakesPresenter(document, self.generating, self.playing, self.say)
        self.record = RecordPresenter(document, self.playing, rooms.preferences)
        recording = self.record.recording
        self.jam = JamPresenter(Band(document, self.playing, recording, self.generating, rooms.worker, rooms.preferences))
        own = (self.chords, self.taking, self.record, self.jam)
        self.table = (*rows, *(command for presenter in own for command in presenter.commands()))
        self._build()

    def _build(self) -> None:
        rooms = self.rooms
        self.midi = MidiSetup(self.document, self.playing, rooms.preferences, self.record.recording.inputs)
        transport = TransportPresenter(self.document, self.playing, self.key, self.midi)
        self.actions = make_actions(self.roll, self.table)
        self.grip = Grip(self.clips.write)
        self.bar = TransportBar(self.actions, transport.menus(self._fill_main_menu))
        self.track_panel = TracksPanel(self.actions["add_track"], self.grip)
        self.taking.show_in(self.track_panel.takes, self.roll)
        self.panel = GeneratePanel(self.actions)
        self.window = MainWindow(self.bar, self.track_panel, self.roll, self.panel, self.may_close)
        self.window.addActions(list(self.actions.values()))
        self.window.status.add_folds(self.actions["fold_left"], self.actions["fold_right"])
        self.hint = EmptyHint(self.roll.canvas, demo_seeds())
        self.transport = transport
        self.status = StatusPresenter(self.window.status, self.document, self.key)
        self.heading = Heading(self.document, self.files, self.autosave, (self.window, self.bar.title), self.actions)
        self.restoring = Restoring(self.files, self.window.notice)
        say, roll, panel = self.status.say, self.roll, self.panel
        self.chord_lane = ChordPresenter(self.chords, self.document, roll, panel, self.actions, say)
        self.continuing = ContinuePresenter(self.document, self.generating, self.key, self.panel, rooms.preferences)
        self.train = TrainPresenter(self.window, self.playing, rooms.asks, lambda: rooms.preferences.value.folder)
        stands = Stands(
            document=self.document,
            generating=self.generating,
            playing=self.playing,
            key=self.key,
            panel=self.panel,
            roll=self.roll,
            status=self.window.status,
            preferences=rooms.preferences,
        )
        self.thinking = InsightPresenter(self.insight, stands, self.actions, self.status.say, self.tell)
        transport.show_on(self.bar)
        self.record.show_on(self.bar, self.window, roll.canvas, self.actions)
        self.record.join(self.beat, self.midi, self.files, (say, self.tell))
        self.beat.show_on(self.bar, self.actions["count_in"], self.actions["export_swing"])
        jam_stands = JamStands(
            document=self.document,
            playing=self.playing,
            generating=self.generating,
            continuing=self.continuing,
            key=self.key,
            panel=self.panel,
            window=self.window,
            preferences=rooms.preferences,
        )
        self.jam.show_on(jam_stands, self.actions, (say, self.tell))

    def _fill_main_menu(self, menu: QMenu) -> None:
        submenus = fill_menu(menu, self.table, self.actions)
        RecentFiles(self.rooms.preferences, self.files.open_path).put_into(submenus["File"], self.actions["open"])

    def may_close(self) -> bool:
        """Whether the window may go, which is asked where something would be lost."""
        return self.train.may_leave() and self.files.may_lose()

    def say(self, words: str) -> None:
        """Say something in passing, in the status line."""
        self.status.say(words)

    def tell(self, sentence: str) -> None:
        """Tell what must be read, over the roll."""
        self.window.notice.tell(sentence)
