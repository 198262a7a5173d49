"""Where generated notes go: to the parts that would play them."""

from __future__ import annotations

from collections.abc import Collection

from musegen_app.editor.takes import Take
from musegen_app.encoding.drums import DRUMS
from musegen_app.generate.parts import share_out
from musegen_app.score import DRUM_CHANNEL, EMPTY, LOCKED, Edit, NotesEdit, NoteTable, Score, Track, TrackEdit


def edits_of(score: Score, take: Take, active_track_id: int) -> tuple[Edit, ...]:
    """Edits that put the take's ghosts (with fresh ids) in their place and, where it is a fill, take out what was there."""
    if not take.ghosts:
        return ()
    ghosts = take.ghosts.with_columns(flags=take.ghosts.flags & ~LOCKED)
    if take.track_id in {track.id for track in score.tracks}:
        added: tuple[Edit, ...] = (NotesEdit(take.track_id, added=score.new_notes(ghosts)),)
    else:
        gap = take.span if take.is_fill else None
        is_drums = take.instrument == DRUMS
        added = _on_drums(score, ghosts) if is_drums else with_notes_shared(score, ghosts, active_track_id, gap)
    return (*_without(score, take.replaced), *added)


def with_notes_shared(
    score: Score, notes: NoteTable, active_track_id: int, gap: tuple[int, int] | None = None
) -> tuple[Edit, ...]:
    """Edits that put ``notes`` (with fresh ids) on the tracks that would play them.

    With one sounding, pitched track that is the one; several share the notes by register, judged by what they played last,
    or by what they play in and around ``gap``. While none has a note yet, the active track gets them, and where there are
    only drums a new piano track does.
    """
    if not notes:
        return ()
    numbered = score.new_notes(notes)
    pitched = [track for track in score.tracks if not track.is_drums]
    if not pitched:
        return (TrackEdit(len(score.tracks), None, Track(score.next_track_id(), "Piano", notes=numbered)),)
    soloed = any(track.soloed for track in score.tracks)
    playing = [track for track in pitched if track.notes and (track.soloed if soloed else not track.muted)]
    if len(playing) < 2:
        active = [track for track in pitched if track.id == active_track_id]
        return (NotesEdit((playing or active or pitched)[0].id, added=numbered),)
    shares = share_out(numbered, [track.notes for track in playing], gap)
    return tuple(NotesEdit(track.id, added=share) for track, share in zip(playing, shares, strict=True) if share)


def _on_drums(score: Score, notes: NoteTable) -> tuple[Edit, ...]:
    """Strokes whose track is gone: on the first drum track that there is, else on a new one."""
    numbered = score.new_notes(notes)
    drums = [track for track in score.tracks if track.is_drums]
    if drums:
        return (NotesEdit(drums[0].id, added=numbered),)
    return (TrackEdit(len(score.tracks), None, Track(score.next_track_id(), "Drums", DRUM_CHANNEL, notes=numbered)),)


def _without(score: Score, ids: Collection[int]) -> tuple[NotesEdit, ...]:
    """Edits that take out those of the notes that are still there."""
    found = [(track.id, track.notes.having(list(ids)) if ids else EMPTY) for track in score.tracks]
    return tuple(NotesEdit(track_id, removed=notes) for track_id, notes in found if notes)
