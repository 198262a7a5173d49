"""What the track list does to the score, each as one named step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from musegen_app.editor.document import Document
from musegen_app.score import DRUM_CHANNEL, GENERATION, Change, Score, Track, TrackEdit

CHANNELS = 16
TrackChange = Callable[[Track], Track]


class TrackEdits:
    """Edits tracks of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(self) -> None:
        """A new track on the first free channel."""
        score = self._document.score
        track = Track(score.next_track_id(), f"Track {len(score.tracks) + 1}", free_channel(score.tracks))
        self._document.edit("Add track", Change((TrackEdit(len(score.tracks), None, track),)))
        self._document.set_active_track(track.id)

    def rename(self, track_id: int, name: str) -> None:
        """Give a track another name."""
        self._replace("Rename track", track_id, lambda track: replace(track, name=name))

    def mute(self, track_id: int, on: bool) -> None:  # noqa: FBT001  a signal's slot
        """Mute a track or not."""
        words = "Mute track" if on else "Unmute track"
        self._replace(words, track_id, lambda track: replace(track, muted=on))

    def solo(self, track_id: int, on: bool) -> None:  # noqa: FBT001  a signal's slot
        """Solo a track or not."""
        words = "Solo track" if on else "Unsolo track"
        self._replace(words, track_id, lambda track: replace(track, soloed=on))

    def set_program(self, track_id: int, program: int) -> None:
        """Choose a track's instrument."""
        self._replace("Change instrument", track_id, lambda track: replace(track, program=program))

    def set_bank(self, track_id: int, bank: int | None) -> None:
        """Choose the bank of a track's instrument, None to leave it as it is. Choices that follow at once are one step."""
        self._replace("Change bank", track_id, lambda track: replace(track, bank=bank), f"bank {track_id}")

    def set_channel(self, track_id: int, channel: int) -> None:
        """Choose a track's channel."""
        self._replace("Change channel", track_id, lambda track: replace(track, channel=channel))

    def set_port(self, track_id: int, port: str) -> None:
        """Choose the port a track is sent to, "" for the main one."""
        self._replace("Change port", track_id, lambda track: replace(track, port=port))

    def delete(self, track_id: int) -> None:
        """Take a track out; the last one stays."""
        score = self._document.score
        if len(score.tracks) < 2:
            return
        index = score.index_of(track_id)
        if track_id == self._document.active_track_id:
            self._document.set_active_track(score.tracks[index - 1 if index else 1].id)
        self._document.edit("Delete track", Change((TrackEdit(index, score.tracks[index], None),)))

    def insert(self, source: Score, at_tick: int, name: str) -> None:
        """Put the tracks of another score in, beginning at a tick."""
        score = self._document.score
        edits: list[TrackEdit] = []
        first_id, next_note_id, place = score.next_track_id(), score.next_id, len(score.tracks)
        for track in (t for t in source.tracks if t.notes):
            flags = track.notes.flags % GENERATION  # its generations are none of this piece's
            notes = track.notes.with_columns(start=track.notes.start + at_tick, flags=flags).numbered(next_note_id)
            next_note_id += len(notes)
            controls = tuple(replace(control, tick=control.tick + at_tick) for control in track.controls)
            made = replace(track, id=first_id + len(edits), notes=notes, controls=controls, name=track.name or name)
            made = replace(made, channel=_own_channel(track, (*score.tracks, *(e.after for e in edits if e.after))))
            edits.append(TrackEdit(place + len(edits), None, made))
        if edits:
            self._document.edit(f"Insert {name}", Change(tuple(edits)))

    def _replace(self, name: str, track_id: int, change: TrackChange, join_key: str = "") -> None:
        score = self._document.score
        index = score.index_of(track_id)
        before = score.tracks[index]
        self._document.edit(name, Change((TrackEdit(index, before, change(before)),)), join_key)


def free_channel(tracks: Iterable[Track]) -> int:
    """The first channel none of the tracks uses, drums' apart; 0 when all are taken."""
    used = {track.channel for track in tracks} | {DRUM_CHANNEL}
    return next((channel for channel in range(CHANNELS) if channel not in used), 0)


def _own_channel(track: Track, others: tuple[Track, ...]) -> int:
    """Where a track keeps its sound: its own channel unless another instrument plays there."""
    if track.is_drums or all(track.program == other.program for other in others if other.channel == track.channel):
        return track.channel
    alike = (other.channel for other in others if other.program == track.program and not other.is_drums)
    return next(alike, free_channel(others))
