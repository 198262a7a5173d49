"""A MIDI file as a seed: which notes are heard, and which tracks take the continuation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from musegen_app.errors import InputError
from musegen_app.files import MidiRead, read_midi
from musegen_app.generate.parts import share_out
from musegen_app.score import EMPTY, GENERATED, GENERATION, Change, Note, NotesEdit, NoteTable, Score, Track


@dataclass(frozen=True, slots=True)
class Seed:
    """A file that was read, the ``tracks`` of it that are gone on with, and their ``notes`` as one table.

    ``standing`` are the notes of tracks that are heard beside them and stay as they are.
    """

    path: Path
    file: MidiRead
    tracks: tuple[Track, ...]
    notes: NoteTable
    standing: NoteTable = EMPTY

    @property
    def score(self) -> Score:
        """What the file holds."""
        return self.file.score

    @property
    def next_generation(self) -> int:
        """The number of what is drawn next, after those the file knows of."""
        return max((generation.number for generation in self.file.provenance), default=0) + 1

    def continued(self, notes: list[Note], gap: tuple[int, int] | None = None) -> Score:
        """The score with ``notes`` shared out to the tracks that are heard; what was there is untouched.

        With ``gap`` (ticks) they take the place of what those tracks began in it.
        """
        flags = GENERATED + self.next_generation * GENERATION
        added = self.score.new_notes([replace(note, flags=flags) for note in notes])
        old = [track.notes.take(track.notes.starting_in(*gap)) if gap else EMPTY for track in self.tracks]
        rows = zip(self.tracks, old, share_out(added, [track.notes for track in self.tracks], gap), strict=True)
        return self.score.apply(Change(tuple(NotesEdit(track.id, gone, share) for track, gone, share in rows)))

    def gap(self, first_bar: int, last_bar: int) -> tuple[int, int]:
        """Ticks of the bars ``first_bar`` to ``last_bar``, counted from 1 and both included.

        Raises:
            InputError: they lie after the end of the music.
        """
        timeline, end = self.score.timeline, self.notes.end_tick
        bars = timeline.bar_at(max(end - 1, 0)) + 1
        if last_bar > bars:
            raise InputError(f"{self.path.name} has {bars} bars; bars {first_bar}-{last_bar} are not all in it.")
        return timeline.bar_start(first_bar - 1), timeline.bar_start(last_bar)


def read(path: Path, track_number: int | None = None, standing: Sequence[int] | None = ()) -> Seed:
    """Read a seed; ``track_number`` counts from 1, None hears all tracks but the drums.

    ``standing`` are the numbers of tracks that are heard but not gone on with; None for all but track ``track_number``.

    Raises:
        FileError: the file cannot be read.
        InputError: there is no such track, or nothing in it that can be continued.
    """
    file = read_midi(path)
    tracks = _heard(file.score, track_number, path)
    stand = _standing(file.score, track_number, standing, path)
    tracks = tuple(track for track in tracks if track not in stand)
    if not tracks:
        raise InputError(f"All tracks of {path.name} stand, so there is none to continue.")
    return Seed(path, file, tracks, _joined(tracks), _joined(stand))


def _joined(tracks: Iterable[Track]) -> NoteTable:
    return reduce(NoteTable.merged, (track.notes for track in tracks), EMPTY)


def _standing(score: Score, track_number: int | None, numbers: Sequence[int] | None, path: Path) -> tuple[Track, ...]:
    if numbers is None:
        if track_number is None:
            raise InputError("Where all other tracks stand, --track tells which one is continued.")
        return tuple(track for n, track in enumerate(score.tracks, 1) if n != track_number and not track.is_drums)
    missing = next((n for n in numbers if not 1 <= n <= len(score.tracks)), None)
    if missing is not None:
        raise InputError(f"{path.name} has no track {missing}; its tracks are 1 to {len(score.tracks)}.")
    drums = next((n for n in numbers if score.tracks[n - 1].is_drums), None)
    if drums is not None:
        raise InputError(f"Track {drums} of {path.name} holds drums, which a model cannot hear as notes.")
    return tuple(score.tracks[n - 1] for n in dict.fromkeys(numbers))


def _heard(score: Score, track_number: int | None, path: Path) -> tuple[Track, ...]:
    if track_number is None:
        tracks = tuple(track for track in score.tracks if track.notes and not track.is_drums)
        if not tracks:
            only = "only drums" if score.note_count else "no notes"
            raise InputError(f"{path.name} holds {only}, so there is nothing to continue.")
        return tracks
    if not 1 <= track_number <= len(score.tracks):
        raise InputError(f"{path.name} has no track {track_number}; its tracks are 1 to {len(score.tracks)}.")
    track = score.tracks[track_number - 1]
    if not track.notes:
        raise InputError(f"Track {track_number} of {path.name} holds no notes, so there is nothing to continue.")
    return (track,)
