"""The window put together: flows, commands, panels and roll, and the wires between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QPointF
from PySide6.QtWidgets import QMenu

from musegen_app.editor.document import Document, Topic
from musegen_app.generate.registry import Listing
from musegen_app.jobs import JobEvent, Worker
from musegen_app.playback.client import PlayerStatus
from musegen_app.ui.actions import fill_menu, make_actions
from musegen_app.ui.appearance import Appearance
from musegen_app.ui.background import Background
from musegen_app.ui.commands import command_table
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
from musegen_app.ui.flows.playing import Playing, Plays
from musegen_app.ui.flows.restoring import Restoring
from musegen_app.ui.flows.sound_export import SoundExport
from musegen_app.ui.flows.track_edits import TrackEdits
from musegen_app.ui.main_window import MainWindow
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.panels.tracks import TracksPanel
from musegen_app.ui.panels.transport import TransportBar
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.beat import BeatPresenter
from musegen_app.ui.presenters.chords import ChordPresenter
from musegen_app.ui.presenters.continuing import NO_MODEL, ContinuePresenter
from musegen_app.ui.presenters.heading import Heading
from musegen_app.ui.presenters.insight import InsightPresenter, Stands
from musegen_app.ui.presenters.key import KeyWatch
from musegen_app.ui.presenters.midi_setup import MidiSetup
from musegen_app.ui.presenters.recording import RecordPresenter
from musegen_app.ui.presenters.sound import show_sound
from musegen_app.ui.presenters.status import StatusPresenter
from musegen_app.ui.presenters.takes import TakesPresenter
from musegen_app.ui.presenters.transport import TransportPresenter
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.shortcuts_sheet import ShortcutsSheet
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


class Studio(QObject):
    """Builds the window and answers to its commands. UI thread only; close it before the rooms."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self._rooms = rooms
        self._agreed = False
        document = self.document = rooms.document
        self.playing = Playing(document, rooms.player)
        self.generating = Generating(document, rooms.worker)
        self.insight = Insight(document, rooms.worker)
        self.tracks = TrackEdits(document)
        self.files = Files(document, self.tracks, rooms.background, rooms.asks, lambda: rooms.preferences.value)
        self.autosave = Autosave(self.files.project, lambda: document.path, rooms.background)
        self.clips = Clips(lambda: document.score, lambda: self.files.title, self._tell, self.files.texts)
        self.sound = SoundExport(document, self.files.sound_path)
        self.key = KeyWatch(document)
        self.beat = BeatPresenter(document, self.playing, rooms.preferences)
        self.roll = RollArea(document, rooms.appearance.palette, self.playing.audition)
        self.editing = Editing(document, self.roll, self.playing, self._say)
        self.chords = ChordTrack(document, rooms.preferences, self._say)
        rows = command_table(self.files, self.playing, self.generating, self.insight, self.tracks, self.editing, self)
        self.taking = TakesPresenter(document, self.generating, self.playing, self._say)
        self.record = RecordPresenter(document, self.playing, rooms.preferences)
        self.table = (*rows, *self.chords.commands(), *self.taking.commands(), *self.record.commands())
        self._build()
        self._topics = self._answers()
        self._wire()
        self._document_changed(Topic.LOADED)

    # --- building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        rooms = self._rooms
        self.midi = MidiSetup(self.document, self.playing, rooms.preferences, self.record.recording.inputs)
        transport = TransportPresenter(self.document, self.playing, self.key, self.midi)
        self.actions = make_actions(self.roll, self.table)
        self.grip = Grip(self.clips.write)
        self.bar = TransportBar(self.actions, transport.menus(self._fill_main_menu))
        self.track_panel = TracksPanel(self.actions["add_track"], self.grip)
        self.taking.show_in(self.track_panel.takes, self.roll)
        self.panel = GeneratePanel(self.actions)
        self.window = MainWindow(self.bar, self.track_panel, self.roll, self.panel, self._may_close)
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
        self.thinking = InsightPresenter(self.insight, stands, self.actions, self.status.say, self._tell)
        transport.show_on(self.bar)
        self.record.show_on(self.bar, self.window, roll.canvas, self.actions)
        self.record.join(self.beat, self.midi, self.files, (say, self._tell))
        self.beat.show_on(self.bar, self.actions["count_in"])

    def _fill_main_menu(self, menu: QMenu) -> None:
        fill_menu(menu, self.table, self.actions)

    def _wire(self) -> None:
        self._unsubscribe: Callable[[], None] = self.document.subscribe(self._document_changed)
        self._wire_tracks()
        self._wire_files()
        self._wire_training()
        show_sound(self.sound, self.window.notice, self.status.say)
        self.playing.moved.connect(lambda tick: self.roll.set_playhead(tick, playing=self.playing.is_playing))
        self.playing.state_changed.connect(self._playing_changed)
        self.playing.status_changed.connect(self._player_told)
        self.roll.seek_requested.connect(self.playing.seek)
        self.key.changed.connect(lambda: self.roll.set_key(self.key.choice.key))
        self.generating.stage_changed.connect(self._stage_changed)
        self.midi.following.told.connect(self._tell)
        self.generating.failed.connect(lambda error: self._tell(str(error)))
        self.continuing.refused.connect(self.status.say)
        self.hint.seed_chosen.connect(self.files.open_seed)
        self._rooms.appearance.on_change(self.roll.set_palette)
        for name, panel in (("fold_left", self.window.left), ("fold_right", self.window.right)):
            self.actions[name].setChecked(not panel.isHidden())
        self._show_theme()

    def _wire_tracks(self) -> None:
        panel, edits = self.track_panel, self.tracks
        panel.chosen.connect(self.document.set_active_track)
        panel.renamed.connect(edits.rename)
        panel.muted.connect(edits.mute)
        panel.soloed.connect(edits.solo)
        panel.program_chosen.connect(edits.set_program)
        panel.bank_chosen.connect(edits.set_bank)
        panel.channel_chosen.connect(edits.set_channel)
        panel.port_chosen.connect(edits.set_port)
        panel.list_ports = self.midi.outputs
        panel.deleted.connect(edits.delete)

    def _wire_files(self) -> None:
        self.files.told.connect(self._tell)
        self.files.hinted.connect(self.status.say)
        self.files.used.connect(self._used)
        self.files.loaded.connect(self._loaded)
        self.window.dropped.connect(self._dropped)
        self.window.closed.connect(self._agree)

    def _wire_training(self) -> None:
        self.panel.train_requested.connect(self.open_training)
        self.train.model_made.connect(self._use_new_model)
        self.train.told.connect(self._tell)
        self.train.left.connect(self.close_window)

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """What waits until the window has shown: the player's clock, and what a crash left behind."""
        self.roll.canvas.setFocus()
        preferences = self._rooms.preferences.value
        self.actions["metronome"].setChecked(preferences.metronome)
        self.playing.set_metronome(on=preferences.metronome)
        self.beat.start()
        self.record.start()
        self.playing.start(preferences.port)
        self.midi.start()
        self._list_models()
        self._rooms.background.run(self.autosave.left_behind, self.restoring.offer, lambda _error: None)

    def models_listed(self, listing: Listing) -> None:
        """The models were found."""
        self.continuing.show_models(listing)
        if not listing.models:
            self._tell(str(listing.broken[0]) if listing.broken else NO_MODEL)

    def refresh_models(self) -> None:
        """Models came, went or changed (a training ended): list them anew, and load anew what is used."""
        self._rooms.worker.forget()
        self._list_models()

    def _list_models(self) -> None:
        self._rooms.background.run(self._rooms.list_models, self.models_listed, lambda error: self._tell(str(error)))

    def receive(self, event: JobEvent) -> None:
        """An event of the worker, on the UI thread."""
        self.generating.receive(event)
        self.insight.receive(event)

    def close(self) -> None:
        """Stop listening. The rooms are still there, and are closed by who made them.

        A piece nobody agreed to lose (the system ended the program) is kept for the next start.
        """
        self._unsubscribe()
        self.record.close()
        self.sound.close()
        self.train.close()
        self.midi.close()
        self.playing.close()
        self.thinking.close()
        self.taking.close()
        self.key.close()
        self.beat.close()
        self.status.close()
        self.autosave.close(keep=self.document.is_modified and not self._agreed)
        self.clips.close()

    # --- commands -----------------------------------------------------------------------------------------------------

    def begin_continuation(self) -> None:
        """Continue, or say why not."""
        self.continuing.begin()

    def begin_fill(self) -> None:
        """Fill the loop or the selection, or say why not."""
        self.continuing.begin_fill()

    def begin_again(self) -> None:
        """Another take of what was asked for last."""
        self.continuing.begin_again()

    def open_training(self) -> None:
        """Show the window in which models are trained."""
        self.train.open()

    def toggle_metronome(self) -> None:
        """Click, or not."""
        on = self.actions["metronome"].isChecked()
        self._rooms.preferences.change(metronome=on)
        self.playing.set_metronome(on=on)

    def toggle_count_in(self) -> None:
        """Count in before playing, or not."""
        self.beat.toggle_count_in()

    def fold_left(self) -> None:
        """Fold the tracks."""
        self.window.fold_left()

    def fold_right(self) -> None:
        """Fold the generate panel."""
        self.window.fold_right()

    def choose_theme(self, choice: str) -> None:
        """Light, dark or as the system."""
        self._rooms.preferences.change(theme=choice)
        self._rooms.appearance.choose(choice)
        self._show_theme()

    def show_keys(self) -> None:
        """Open the sheet of keys."""
        ShortcutsSheet(self.table, self.window).open()

    def close_window(self) -> None:
        """Close, which asks about unsaved changes."""
        self.window.close()

    def export_sound(self) -> None:
        """Write a WAV file of the piece."""
        self.sound.begin()

    def rename_track(self) -> None:
        """Rename the active track."""
        for row in self.track_panel.rows:
            if row.track.id == self.document.active_track_id:
                row.begin_renaming()

    # --- what changed -------------------------------------------------------------------------------------------------

    def _answers(self) -> dict[Topic, tuple[Callable[[], None], ...]]:
        """What follows a change of each topic."""
        return {
            Topic.LOADED: (self.chord_lane.loaded, self._show_music, self._show_tracks, self._show_loop, self.heading.show),
            Topic.NOTES: (self._show_music,),
            Topic.TRACKS: (self._show_tracks, self._show_music),
            Topic.TIMELINE: (self.playing.restart, self.transport.show_timeline, self.continuing.selection_changed),
            Topic.GHOSTS: (self.playing.music_changed, self._show_hint),
            Topic.LOOP: (self.playing.restart, self._show_loop, self.continuing.selection_changed),
            Topic.CHORDS: (self.chord_lane.show,),
            Topic.MARKS: (self.continuing.marks_changed,),
            Topic.SELECTION: (self.continuing.selection_changed,),
            Topic.SNAP: (self.transport.show_snap,),
            Topic.HISTORY: (self.heading.show,),
            Topic.PATH: (self.heading.show,),
        }

    def _document_changed(self, topic: Topic) -> None:
        for answer in self._topics.get(topic, ()):
            answer()

    def _show_music(self) -> None:
        self.playing.music_changed()
        self.key.music_changed()
        self.status.show_music()
        self.continuing.show_button()
        self._show_hint()

    def _show_tracks(self) -> None:
        self.track_panel.show_tracks(self.document.score.tracks, self.document.active_track_id)

    def _show_loop(self) -> None:
        self.actions["loop"].setChecked(self.document.loop is not None)

    def _show_hint(self) -> None:
        empty = not self.document.score.note_count and not self.document.ghosts
        self.hint.show(visible=empty)
        self.grip.show_facts("Nothing yet" if empty else "The whole piece", enabled=not empty)

    def _loaded(self) -> None:
        self.playing.stop()
        self.playing.seek(0)
        self.generating.reject()
        self.editing.forget_loop()
        self.key.loaded()
        self.transport.show_all()

    def _use_new_model(self, name: str) -> None:
        self._rooms.preferences.change(model=name)
        self.refresh_models()

    def _may_close(self) -> bool:
        return self.train.may_leave() and self.files.may_lose()

    def _agree(self) -> None:
        self._agreed = True

    def _playing_changed(self, playing: bool) -> None:  # noqa: FBT001  a signal's slot
        self.actions["play"].setChecked(playing)
        if playing:
            self.roll.follow()

    def _stage_changed(self, stage: Stage) -> None:
        take = self.document.take
        if stage is Stage.STREAMING and take is not None:
            self.roll.reveal(*take.span)
        self.playing.await_notes(awaiting=stage is Stage.STREAMING)

    def _used(self, path: Path) -> None:
        preferences = self._rooms.preferences
        preferences.change(folder=str(path.parent), recent_files=preferences.value.with_recent(path))

    def _dropped(self, path: Path, at: QPointF) -> None:
        """A file goes in at the bar it was dropped on; dropped beside the notes, at the playhead's bar."""
        canvas, timeline = self.roll.canvas, self.document.score.timeline
        place = canvas.mapFrom(self.window, at)
        on_notes = canvas.rect().contains(place.toPoint())
        tick = self.roll.view.viewport.tick_of(place.x()) if on_notes else self.playing.tick
        self.files.drop(path, timeline.bar_start(timeline.bar_at(max(int(tick), 0))))

    def _player_told(self, status: PlayerStatus) -> None:
        self.status.show_playback(status)

    def _say(self, words: str) -> None:
        self.status.say(words)

    def _tell(self, sentence: str) -> None:
        self.window.notice.tell(sentence)

    def _show_theme(self) -> None:
        for choice in ("system", "light", "dark"):
            self.actions[f"theme_{choice}"].setChecked(choice == self._rooms.appearance.choice)
