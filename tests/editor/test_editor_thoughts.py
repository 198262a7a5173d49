"""What a model is asked about: what it hears, where the next note would come, which note is meant, and swaps."""

from __future__ import annotations

import pytest
from drawn_takes import add_ghosts, begin_take

from musegen_app.editor import thoughts
from musegen_app.editor.document import Document, Topic
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import DRUM_CHANNEL, EMPTY, Metre, Note, NoteTable, Score, Timeline, Track

QUARTER = 960
BAR = 4 * QUARTER


def table(*notes: Note) -> NoteTable:
    return NoteTable.of(notes)


def scene() -> Document:
    """A tune of a bar with ids 1 to 4, drums, and a muted track."""
    tune = table(*(Note(n * QUARTER, QUARTER, 60 + n, id=n + 1) for n in range(4)))
    drums = table(Note(0, 480, 36, id=10))
    muted = table(Note(0, 480, 90, id=11))
    return Document(
        Score((Track(1, notes=tune), Track(2, channel=DRUM_CHANNEL, notes=drums), Track(3, notes=muted, muted=True)))
    )


def with_ghosts(document: Document, gap: tuple[int, int] | None = None) -> Document:
    start = gap[0] if gap else None
    until = gap[1] if gap else None
    begin_take(
        document, GenerateRequest(document.seed_notes(), document.score.timeline, 1, start_tick=start, until_tick=until)
    )
    at = start or BAR
    add_ghosts(document, [Note(at, 480, 70), Note(at + 480, 480, 72)])
    return document


def test_ghosts_are_heard_in_the_place_of_what_they_would_replace() -> None:
    assert thoughts.heard_notes(scene()).id.tolist() == [1, 2, 3, 4]
    assert thoughts.heard_notes(with_ghosts(scene())).id.tolist() == [1, 2, 3, 4, -1, -2]
    filled = with_ghosts(scene(), (QUARTER, 3 * QUARTER))
    assert thoughts.heard_notes(filled).id.tolist() == [1, -1, -2, 4]


@pytest.mark.parametrize(
    ("playhead", "place"),
    [(0, BAR), (1, 0), (1500.7, QUARTER), (3 * QUARTER, 3 * QUARTER), (BAR, BAR), (9 * BAR, BAR)],
)
def test_the_next_note_is_looked_for_at_the_playhead_s_beat_or_after_the_music(playhead: float, place: int) -> None:
    notes = scene().seed_notes()
    assert thoughts.next_place(notes, Timeline(), playhead) == place


def test_beats_are_those_of_the_metre() -> None:
    timeline = Timeline.made(metres=(Metre(0, 6, 8),))
    notes = scene().seed_notes()
    assert thoughts.next_place(notes, timeline, 1000) % timeline.metre_at(0).beat_ticks == 0
    assert thoughts.next_place(EMPTY, timeline, 0) == thoughts.next_place(EMPTY, timeline, 5000) == 0


def test_a_key_means_the_selected_note_then_the_next_ghost_then_the_last_note() -> None:
    document = with_ghosts(scene())
    assert thoughts.meant_note(document, 0) == document.ghosts[0]
    assert thoughts.meant_note(document, BAR + 100) == document.ghosts[1]
    assert thoughts.meant_note(document, 9 * BAR) == document.ghosts[0]
    document.select([3])
    assert thoughts.meant_note(document, 0) == document.active_track.notes[2]
    document.select([])
    document.reject_take()
    assert thoughts.meant_note(document, 2 * QUARTER) == document.active_track.notes[2]
    assert thoughts.meant_note(document, 0) == document.active_track.notes[0]
    assert thoughts.meant_note(Document(), 0) is None


def test_neighbours_are_of_the_same_kind() -> None:
    document = with_ghosts(scene())
    first, second = document.ghosts[0], document.ghosts[1]
    assert thoughts.neighbour(document, first, 1) == second
    assert thoughts.neighbour(document, second, 1) is None
    assert thoughts.neighbour(document, document.active_track.notes[0], -1) is None
    assert thoughts.neighbour(document, document.active_track.notes[0], 1) == document.active_track.notes[1]
    assert thoughts.neighbour(document, Note(0, 1, 60, id=99), 1) is None


def test_a_swapped_ghost_changes_the_take_and_no_history() -> None:
    document = with_ghosts(scene())
    told: list[Topic] = []
    document.subscribe(told.append)
    assert thoughts.swap_pitch(document, document.ghosts[0], 76)
    assert [(n.start, n.pitch, n.id) for n in document.ghosts] == [(BAR, 76, -1), (BAR + 480, 72, -2)]
    assert told == [Topic.GHOSTS, Topic.TAKES, Topic.KEPT]
    assert not document.history.done
    assert document.accept_take()
    assert 76 in document.active_track.notes.pitch.tolist()


def test_a_swapped_note_is_one_step_that_undo_takes_back() -> None:
    document = scene()
    before = document.score
    assert thoughts.swap_pitch(document, document.active_track.notes[1], 75)
    assert document.active_track.notes.having([2])[0] == Note(QUARTER, QUARTER, 75, id=2)
    assert [step.name for step in document.history.done] == [thoughts.SWAP]
    document.undo()
    assert document.score.tracks == before.tracks


def test_what_is_gone_is_not_swapped() -> None:
    document = with_ghosts(scene())
    ghost = document.ghosts[0]
    document.reject_take()
    assert not thoughts.swap_pitch(document, ghost, 76)
    assert not thoughts.swap_pitch(document, Note(0, 1, 60, id=99), 61)
    document.swap_ghost(-1, 61)
    assert document.take is None
