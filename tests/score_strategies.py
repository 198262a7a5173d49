"""Hypothesis strategies for notes, timelines and scores."""

from __future__ import annotations

from hypothesis import strategies as st

from musegen_app.score import (
    PITCH_BEND,
    Chord,
    Chords,
    ChordSpan,
    ControlChange,
    Metre,
    Note,
    NoteTable,
    Score,
    Tempo,
    Timeline,
    Track,
)

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
    """Pedal, volume and pitch bend, and bank where it is not the track's own, sorted by tick."""
    seven_bit = st.builds(ControlChange, TICKS, st.sampled_from([7, 10, 64, 1]), st.integers(0, 127))
    bank = st.builds(ControlChange, TICKS.map(lambda tick: tick + 1), st.sampled_from([0, 32]), st.integers(0, 127))
    bend = st.builds(ControlChange, TICKS, st.just(PITCH_BEND), st.integers(0, 16383))
    return st.lists(st.one_of(seven_bit, bank, bend), max_size=10).map(
        lambda made: tuple(sorted(made, key=lambda c: c.tick))
    )


def chords() -> st.SearchStrategy[Chords]:
    """Chords side by side, some with room between them."""
    names = st.sampled_from(["C", "F♯m7♭5", "B♭maj7", "G/B", "E7(♭9,♯11)"])
    spans = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 8), names), max_size=6)

    def laid(rows: list[tuple[int, int, str]]) -> Chords:
        made: list[ChordSpan] = []
        for gap, length, name in rows:
            start = (made[-1].end if made else 0) + gap * 960
            made.append(ChordSpan(start, start + length * 960, Chord.parse(name)))
        return tuple(made)

    return spans.map(laid)


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
        bank = draw(st.none() | st.integers(0, 16383))
        tracks.append(Track(number, draw(TEXTS), channel, program, table, draw(controls()), bank=bank))
    return Score(tuple(tracks), draw(timelines()), draw(TEXTS), next_id, draw(chords()))
