"""The wires between the parts of the window: who hears whom, and what follows when the document changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPointF

from musegen_app.editor.document import Topic
from musegen_app.playback.client import PlayerStatus
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.parts import Parts
from musegen_app.ui.presenters.sound import show_sound


class Wiring(QObject):
    """The wires between the parts: who hears whom, and what follows when the document changes. UI thread only."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._parts = parts
        self._topics = self._answers()
        self._wire()
        self._document_changed(Topic.LOADED)

    def close(self) -> None:
        """Hear no more of the document."""
        self._unsubscribe()

    def _wire(self) -> None:
        parts = self._parts
        self._unsubscribe: Callable[[], None] = parts.document.subscribe(self._document_changed)
        self._wire_tracks()
        self._wire_files()
        show_sound(parts.sound, parts.window.notice, parts.status.say)
        parts.playing.moved.connect(lambda tick: parts.roll.set_playhead(tick, playing=parts.playing.is_playing))
        parts.playing.state_changed.connect(self._playing_changed)
        parts.playing.status_changed.connect(self._player_told)
        parts.roll.seek_requested.connect(parts.playing.seek)
        parts.key.changed.connect(lambda: parts.roll.set_key(parts.key.choice.key))
        parts.generating.stage_changed.connect(self._stage_changed)
        parts.jam.jamming.changed.connect(self._show_hint)
        parts.midi.following.told.connect(parts.tell)
        parts.generating.failed.connect(lambda error: parts.tell(str(error)))
        parts.continuing.refused.connect(parts.status.say)
        parts.panel.model_chosen.connect(lambda _name: parts.window.notice.pass_over())
        parts.hint.seed_chosen.connect(parts.files.open_seed)
        parts.rooms.appearance.on_change(parts.roll.set_palette)
        for name, panel in (("fold_left", parts.window.left), ("fold_right", parts.window.right)):
            parts.actions[name].setChecked(not panel.isHidden())

    def _wire_tracks(self) -> None:
        parts = self._parts
        panel, edits = parts.track_panel, parts.tracks
        panel.chosen.connect(parts.document.set_active_track)
        panel.renamed.connect(edits.rename)
        panel.muted.connect(edits.mute)
        panel.soloed.connect(edits.solo)
        panel.program_chosen.connect(edits.set_program)
        panel.bank_chosen.connect(edits.set_bank)
        panel.channel_chosen.connect(edits.set_channel)
        panel.port_chosen.connect(edits.set_port)
        panel.list_ports = parts.midi.outputs
        panel.deleted.connect(edits.delete)

    def _wire_files(self) -> None:
        parts = self._parts
        parts.files.told.connect(parts.tell)
        parts.files.hinted.connect(parts.status.say)
        parts.files.used.connect(self._used)
        parts.files.loaded.connect(self._loaded)
        parts.actions["export_swing"].triggered.connect(self._show_hint)
        parts.window.dropped.connect(self._dropped)

    # --- what changed -------------------------------------------------------------------------------------------------

    def _answers(self) -> dict[Topic, tuple[Callable[[], None], ...]]:
        """What follows a change of each topic."""
        parts = self._parts
        return {
            Topic.LOADED: (
                parts.window.notice.pass_over,
                parts.chord_lane.loaded,
                self._show_music,
                self._show_tracks,
                self._show_loop,
                parts.heading.show,
            ),
            Topic.NOTES: (self._show_music,),
            Topic.TRACKS: (self._show_tracks, self._show_music),
            Topic.TIMELINE: (
                parts.playing.restart,
                parts.transport.show_timeline,
                parts.continuing.selection_changed,
                self._show_hint,
            ),
            Topic.GHOSTS: (parts.playing.music_changed, self._show_hint),
            Topic.LOOP: (parts.playing.restart, self._show_loop, parts.continuing.selection_changed),
            Topic.CHORDS: (parts.chord_lane.show,),
            Topic.MARKS: (parts.continuing.marks_changed,),
            Topic.SELECTION: (parts.continuing.selection_changed,),
            Topic.SNAP: (parts.transport.show_snap,),
            Topic.HISTORY: (parts.heading.show,),
            Topic.KEPT: (parts.heading.show,),
            Topic.PATH: (parts.heading.show,),
        }

    def _document_changed(self, topic: Topic) -> None:
        for answer in self._topics.get(topic, ()):
            answer()

    def _show_music(self) -> None:
        parts = self._parts
        parts.playing.music_changed()
        parts.key.music_changed()
        parts.status.show_music()
        parts.continuing.show_button()
        self._show_hint()

    def _show_tracks(self) -> None:
        parts = self._parts
        parts.track_panel.show_tracks(parts.document.score.tracks, parts.document.active_track_id)

    def _show_loop(self) -> None:
        parts = self._parts
        parts.actions["loop"].setChecked(parts.document.loop is not None)

    def _show_hint(self) -> None:
        parts = self._parts
        empty = not parts.document.score.note_count and not parts.document.ghosts
        parts.hint.show(visible=empty and not parts.jam.jamming.is_on)
        parts.grip.show_facts("Nothing yet" if empty else f"The whole piece{parts.files.swing_words}", enabled=not empty)

    def _loaded(self) -> None:
        parts = self._parts
        parts.playing.stop()
        parts.playing.seek(0)
        parts.generating.loaded()
        parts.editing.forget_loop()
        parts.key.loaded()
        parts.transport.show_all()

    def _playing_changed(self, playing: bool) -> None:  # noqa: FBT001  a signal's slot
        parts = self._parts
        parts.actions["play"].setChecked(playing)
        if playing:
            parts.roll.follow()

    def _stage_changed(self, stage: Stage) -> None:
        parts = self._parts
        take = parts.document.take
        if stage is Stage.STREAMING and take is not None:
            parts.roll.reveal(*take.span)
        parts.playing.await_notes(awaiting=stage is Stage.STREAMING)

    def _used(self, path: Path) -> None:
        preferences = self._parts.rooms.preferences
        preferences.change(folder=str(path.parent), recent_files=preferences.value.with_recent(path))

    def _dropped(self, path: Path, at: QPointF) -> None:
        """A file goes in at the bar it was dropped on; dropped beside the notes, at the playhead's bar."""
        parts = self._parts
        canvas, timeline = parts.roll.canvas, parts.document.score.timeline
        place = canvas.mapFrom(parts.window, at)
        on_notes = canvas.rect().contains(place.toPoint())
        tick = parts.roll.view.viewport.tick_of(place.x()) if on_notes else parts.playing.tick
        parts.files.drop(path, timeline.bar_start(timeline.bar_at(max(int(tick), 0))))

    def _player_told(self, status: PlayerStatus) -> None:
        self._parts.status.show_playback(status)
