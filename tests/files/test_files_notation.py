from __future__ import annotations

from pathlib import Path

import pytest

from musegen_app.errors import FileError
from musegen_app.files import read_midi_bytes, write_midi_bytes
from musegen_app.files.notation import read_corpus, read_notation
from musegen_app.score import Key, Metre

ABC = """X:1
T:Little Tune
M:3/4
L:1/8
Q:1/4=90
K:Dm
D2 F2 A2 | d4 z2 | A6- | A6 | [DFA]6 |]
"""


def test_a_bach_chorale_of_the_corpus() -> None:
    score = read_corpus("bach/bwv66.6")
    assert [t.name for t in score.tracks] == ["Soprano", "Alto", "Tenor", "Bass"]
    assert [len(t.notes) for t in score.tracks] == [36, 42, 44, 41]
    first = score.tracks[0].notes[0]
    assert (first.start, first.length, first.pitch) == (0, 480, 73)
    assert score.end_tick == 36 * 960
    assert score.timeline.metres[0] == Metre(0, 4, 4)
    assert len({i for t in score.tracks for i in t.notes.id.tolist()}) == score.note_count == score.next_id - 1
    again = read_midi_bytes(write_midi_bytes(score)).score
    assert [t.notes for t in again.tracks] == [t.notes for t in score.tracks]


def test_abc_with_metre_tempo_ties_and_chords(tmp_path: Path) -> None:
    path = tmp_path / "tune.abc"
    path.write_text(ABC)
    read = read_notation(path)
    assert read.key == Key(2, "minor")
    assert read.score.timeline.metres == (Metre(0, 3, 4),)
    assert round(read.score.timeline.tempo_at(0).bpm) == 90
    notes = [(n.start // 480, n.length // 480, n.pitch) for n in read.score.tracks[0].notes]
    assert notes[:4] == [(0, 2, 62), (2, 2, 65), (4, 2, 69), (6, 4, 74)]
    assert sorted(notes[4:]) == [(12, 12, 69), (24, 6, 62), (24, 6, 65), (24, 6, 69)]


def test_musicxml_written_by_music21(tmp_path: Path) -> None:
    from music21 import corpus

    path = tmp_path / "chorale.musicxml"
    corpus.parse("bach/bwv66.6").write("musicxml", path)
    expected = read_corpus("bach/bwv66.6")
    assert [t.notes for t in read_notation(path).score.tracks] == [t.notes for t in expected.tracks]


def test_repeats_are_played(tmp_path: Path) -> None:
    path = tmp_path / "tune.abc"
    path.write_text("X:1\nT:Again\nM:2/4\nL:1/4\nK:C\n|: C D | E F :| G A |\n", encoding="utf-16")
    assert [n.pitch for n in read_notation(path).score.tracks[0].notes] == [60, 62, 64, 65, 60, 62, 64, 65, 67, 69]


def test_grace_notes_are_told_and_tied_chords_joined(tmp_path: Path) -> None:
    from music21 import chord, note, stream, tie

    first, second = chord.Chord("C4 E4", quarterLength=2), chord.Chord("C4 E4", quarterLength=4)
    first.tie, second.tie = tie.Tie("start"), tie.Tie("stop")
    part = stream.Part([note.Note("D4", quarterLength=2), note.Note("B3").getGrace(), first, second])
    part.write("musicxml", tmp_path / "chords.musicxml")
    read = read_notation(tmp_path / "chords.musicxml")
    assert [(n.start, n.length, n.pitch) for n in read.score.tracks[0].notes] == [
        (0, 1920, 62),
        (1920, 5760, 60),
        (1920, 5760, 64),
    ]
    assert read.repairs == ("One grace note was left out.",)


@pytest.mark.parametrize("name", ["broken.musicxml", "broken.mxl", "broken.krn", "broken.abc"])
def test_what_is_no_notation_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"<score-partwise><part id='P1'><measure>" + bytes(range(256)))
    with pytest.raises(FileError, match=f"^{name} (could not be understood as notation|holds no notes)\\.$"):
        read_notation(path)


def test_other_kinds_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"^song.txt is not MusicXML, kern or ABC\.$"):
        read_notation(tmp_path / "song.txt")
    with pytest.raises(FileError, match=r"^song.abc does not exist\.$"):
        read_notation(tmp_path / "song.abc")
    with pytest.raises(FileError, match=r"^music21's corpus holds no score called bach/none\.$"):
        read_corpus("bach/none")


LEAD_SHEET = """X:1
T:Blue
M:4/4
L:1/4
K:Dm
"Dm"DFAd|"Gm7"GABc|"A7"^cA"Bb/D"FE|"Dm"D4|z4|
"""


def test_the_chord_symbols_of_a_lead_sheet_are_its_chord_track(tmp_path: Path) -> None:
    path = tmp_path / "blue.abc"
    path.write_text(LEAD_SHEET)
    read = read_notation(path)
    chords = [(span.start / 960, span.end / 960, span.chord.name) for span in read.score.chords]
    assert chords == [(0, 4, "Dm"), (4, 8, "Gm7"), (8, 10, "A7"), (10, 12, "B♭/D"), (12, 16, "Dm")]
    assert read.repairs == ()
    assert read.score.note_count == 13


def test_chord_symbols_of_musicxml_and_one_that_is_not_understood(tmp_path: Path) -> None:
    from music21 import harmony, note, stream

    part = stream.Part()
    kinds = ("half-diminished", "augmented-seventh", "power", "Neapolitan", "minor-major-seventh")
    for bar, kind in enumerate(kinds):
        part.insert(4 * bar, harmony.ChordSymbol(root="E-", kind=kind))
        part.insert(4 * bar, note.Note("C4", quarterLength=4))
    part.insert(18, harmony.NoChord())
    path = tmp_path / "kinds.musicxml"
    part.write("musicxml", path)
    read = read_notation(path)
    chords = [(span.start / 960, span.end / 960, span.chord.name) for span in read.score.chords]
    assert chords == [(0, 4, "E♭ø7"), (4, 8, "E♭7+"), (8, 12, "E♭5"), (16, 18, "E♭mM7")]
    assert read.repairs == ("One chord symbol that is not understood was left out.",)
    assert [n.pitch for n in read.score.tracks[0].notes] == [60] * len(kinds)
