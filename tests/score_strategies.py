"""Hypothesis strategies for notes, timelines and scores."""

from __future__ import annotations

from hypothesis import strategies as st

from musegen_app.score import PITCH_BEND, ControlChange, Metre, Note, NoteTable, Score, Tempo, Timeline, Track

TICKS = st.integers(0, 200_000)


def notes(max_size: int = 40, *, max_length: int = 40_000) -> st.SearchStrategy[NoteTable]:
    """Tables with fresh ids from 1."""
    note = st.builds(
        Note,
        start=TICKS,
        length=st.integers(1, max_length),
        pitch=st.integers(0, 127),
        velocity=st.integers(1, 127),
    )
    return st.lists(note, max_size=max_size).map(lambda made: NoteTable.of(made).numbered(1))


def timelines() -> st.SearchStrategy[Timeline]:
    """Tempo maps and metres that may change anywhere, also within a bar."""
    tempo = st.builds(Tempo, TICKS, st.integers(60_060, 12_000_000))
    metre = st.builds(Metre, TICKS, st.integers(1, 13), st.sampled_from([1, 2, 4, 8, 16, 32]))
    return st.builds(
        lambda tempos, metres: Timeline.made(tuple(tempos), tuple(metres)),
        st.lists(tempo, max_size=5),
        st.lists(metre, max_size=5),
    )


def controls() -> st.SearchStrategy[tuple[ControlChange, ...]]:
    """Pedal, volume, bank and pitch bend, sorted by tick."""
    seven_bit = st.builds(ControlChange, TICKS, st.sampled_from([0, 7, 10, 32, 64, 1]), st.integers(0, 127))
    bend = st.builds(ControlChange, TICKS, st.just(PITCH_BEND), st.integers(0, 16383))
    return st.lists(st.one_of(seven_bit, bend), max_size=10).map(lambda made: tuple(sorted(made, key=lambda c: c.tick)))


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)


@st.composite
def scores(draw: st.DrawFn, *, min_tracks: int = 0, min_notes: int = 0) -> Score:
    """Scores of up to four tracks with unique note ids."""
    tracks: list[Track] = []
    next_id = 1
    for number in range(1, draw(st.integers(min_tracks, 4)) + 1):
        table = draw(notes(20).filter(lambda t: len(t) >= min_notes)).numbered(next_id)
        next_id += len(table)
        channel, program = draw(st.integers(0, 15)), draw(st.integers(0, 127))
        tracks.append(Track(number, draw(TEXTS), channel, program, table, draw(controls())))
    return Score(tuple(tracks), draw(timelines()), draw(TEXTS), next_id)
