"""A MIDI file as a seed: which notes are heard, and which tracks take the continuation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Final

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import InputError
from musegen_app.files import MidiRead, read_midi
from musegen_app.generate.parts import share_out
from musegen_app.score import EMPTY, GENERATED, GENERATION, Change, Note, NotesEdit, NoteTable, Score, Track

_UNHEARD: Final = "drums, which a model of pitched notes cannot hear"


@dataclass(frozen=True, slots=True)
class Seed:
    """A file that was read, the ``tracks`` of it that are gone on with, and their ``notes`` as one table.

    ``standing`` are the notes of tracks that are heard beside them and stay as they are. ``instrument`` is what a model must
    play to go on with them.
    """

    path: Path
    file: MidiRead
    tracks: tuple[Track, ...]
    notes: NoteTable
    standing: NoteTable = EMPTY
    instrument: str = PITCHED

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


def read(path: Path, track_number: int | None = None, standing: Sequence[int] | None = (), instrument: str = "") -> Seed:
    """Read a seed; ``track_number`` counts from 1, None hears all tracks of the instrument class.

    ``standing`` are the numbers of tracks that are heard but not gone on with; None for all but track ``track_number``.
    ``instrument`` is what the model plays; "" for what the track is, or for all but the drums where there is anything else.

    Raises:
        FileError: the file cannot be read.
        InputError: there is no such track, or nothing in it that can be continued.
    """
    file = read_midi(path)
    instrument = instrument or _instrument(file.score, track_number)
    tracks = _heard(file.score, track_number, path, instrument)
    stand = _standing(file.score, track_number, standing, path, instrument)
    tracks = tuple(track for track in tracks if track not in stand)
    if not tracks:
        raise InputError(f"All tracks of {path.name} stand, so there is none to continue.")
    return Seed(path, file, tracks, _joined(tracks), _joined(stand), instrument)


def _instrument(score: Score, track_number: int | None) -> str:
    """What is played by the track, or by all of them: drums where there is nothing else."""
    is_known = track_number is not None and 1 <= track_number <= len(score.tracks)
    tracks = score.tracks[track_number - 1 : track_number] if track_number and is_known else score.tracks
    kinds = {_kind(track) for track in tracks if track.notes}
    return DRUMS if kinds == {DRUMS} else PITCHED


def _kind(track: Track) -> str:
    return DRUMS if track.is_drums else PITCHED


def _joined(tracks: Iterable[Track]) -> NoteTable:
    return reduce(NoteTable.merged, (track.notes for track in tracks), EMPTY)


def _standing(
    score: Score, track_number: int | None, numbers: Sequence[int] | None, path: Path, instrument: str
) -> tuple[Track, ...]:
    if numbers is None:
        if track_number is None:
            raise InputError("Where all other tracks stand, --track tells which one is continued.")
        return tuple(track for n, track in enumerate(score.tracks, 1) if n != track_number and _kind(track) == instrument)
    missing = next((n for n in numbers if not 1 <= n <= len(score.tracks)), None)
    if missing is not None:
        raise InputError(f"{path.name} has no track {missing}; its tracks are 1 to {len(score.tracks)}.")
    other = next((n for n in numbers if _kind(score.tracks[n - 1]) != instrument), None)
    if other is not None:
        unheard = "no drums, and a drummer hears nothing else" if instrument == DRUMS else _UNHEARD
        raise InputError(f"Track {other} of {path.name} holds {unheard}.")
    return tuple(score.tracks[n - 1] for n in dict.fromkeys(numbers))


def _heard(score: Score, track_number: int | None, path: Path, instrument: str) -> tuple[Track, ...]:
    if track_number is None:
        tracks = tuple(track for track in score.tracks if track.notes and _kind(track) == instrument)
        if not tracks:
            others = "no drums" if instrument == DRUMS else "only drums"
            only = others if score.note_count else "no notes"
            raise InputError(f"{path.name} holds {only}, so there is nothing to continue.")
        return tracks
    if not 1 <= track_number <= len(score.tracks):
        raise InputError(f"{path.name} has no track {track_number}; its tracks are 1 to {len(score.tracks)}.")
    track = score.tracks[track_number - 1]
    if not track.notes:
        raise InputError(f"Track {track_number} of {path.name} holds no notes, so there is nothing to continue.")
    if _kind(track) != instrument:
        kind, plays = ("drums", "does not play them") if track.is_drums else ("no drums", "plays nothing else")
        raise InputError(f"Track {track_number} of {path.name} holds {kind}, and this model {plays}.")
    return (track,)
