from __future__ import annotations

import io
from collections import Counter
from functools import reduce
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_strategies import scores

from musegen_app.files import Marker, read_midi, read_midi_bytes, write_midi, write_midi_bytes
from musegen_app.score import (
    MUTED,
    PITCH_BEND,
    SCALES,
    ControlChange,
    Key,
    Metre,
    Note,
    NoteTable,
    Score,
    Tempo,
    Timeline,
    Track,
    find_key,
)
from musegen_app.score.transforms import without_overlaps


def one_track(*notes: Note, controls: tuple[ControlChange, ...] = ()) -> Score:
    table = NoteTable.of(notes).numbered(1)
    return Score((Track(1, "Lead", notes=table, controls=controls),), next_id=len(notes) + 1)


def by_mido(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data), charset="utf-8")


def sounding(track: mido.MidiTrack) -> list[tuple[int, int, int, int, int]]:
    """Start, length, pitch, velocity and channel of each note, as mido sees them."""
    found, open_notes, now = [], {}, 0
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            assert message.note not in open_notes, "a note begins while its pitch still sounds"
            open_notes[message.note] = (now, message.velocity)
        elif message.type in {"note_on", "note_off"}:
            start, velocity = open_notes.pop(message.note)
            assert now > start, "a note has no length"
            found.append((start, now - start, message.note, velocity, message.channel))
    assert not open_notes, "a note is left sounding"
    return sorted(found)


@given(
    scores(min_tracks=1, min_notes=1), st.sampled_from([None, *(Key(t, m) for t in range(12) for m in ("major", "minor"))])
)
def test_reading_what_was_written_gives_the_score_back(score: Score, key: Key | None) -> None:
    tracks = [without_overlaps(track.notes) for track in score.tracks]
    read = read_midi_bytes(write_midi_bytes(score, key=key))
    assert read.repairs == ()
    assert read.key == key
    again = read.score
    assert (again.title, again.timeline) == (score.title, score.timeline)
    assert [(t.name, t.channel, t.bank, t.program, t.controls) for t in again.tracks] == [
        (t.name, t.channel, t.bank, t.program, t.controls) for t in score.tracks
    ]
    for track, expected in zip(again.tracks, tracks, strict=True):
        assert track.notes.with_columns(ids=0) == expected.with_columns(ids=0)
    assert write_midi_bytes(again, key=key) == write_midi_bytes(score, key=key)


def test_a_bank_is_chosen_before_its_programme() -> None:
    track = Track(1, channel=2, program=5, bank=3 * 128 + 7, notes=NoteTable.of([Note(0, 480, 60)]))
    part = by_mido(write_midi_bytes(Score((track,)))).tracks[1]
    assert [m.bytes() for m in part if not m.is_meta][:3] == [[0xB2, 0, 3], [0xB2, 32, 7], [0xC2, 5]]


@given(scores(min_tracks=1))
@settings(max_examples=50)
def test_mido_reads_the_same_notes(score: Score) -> None:
    file = by_mido(write_midi_bytes(score))
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, 960, len(score.tracks) + 1)
    for track, written in zip(score.tracks, file.tracks[1:], strict=True):
        assert sounding(written) == sorted(
            (n.start, n.length, n.pitch, n.velocity, track.channel) for n in without_overlaps(track.notes)
        )
        assert written[-1].type == "end_of_track"


def test_the_first_track_holds_what_belongs_to_the_whole() -> None:
    timeline = Timeline.made((Tempo.of_bpm(90), Tempo.of_bpm(45, 960)), (Metre(0, 7, 8),))
    score = Score((Track(1, "Tuba", 2, 58, NoteTable.of([Note(0, 9, 40, id=1)])),), timeline, "Nächte", 2)
    data = write_midi_bytes(score, key=Key(9, "dorian"), texts=["made by MuseGen", "seed 7"], markers=[Marker(960, "B")])
    heading, part = by_mido(data).tracks
    kinds = Counter(m.type for m in heading)
    assert kinds == {
        "track_name": 1, "text": 2, "set_tempo": 2, "time_signature": 1, "key_signature": 1, "marker": 1, "end_of_track": 1,
    }  # fmt: skip
    assert heading.name == "Nächte"
    assert [m.text for m in heading if m.type == "text"] == ["made by MuseGen", "seed 7"]
    assert [m.tempo for m in heading if m.type == "set_tempo"] == [666_667, 1_333_333]
    assert next(m.key for m in heading if m.type == "key_signature") == "Am"
    metre = next(m for m in heading if m.type == "time_signature")
    assert (metre.numerator, metre.denominator, metre.clocks_per_click) == (7, 8, 12)
    assert part.name == "Tuba"
    assert next((m.channel, m.program) for m in part if m.type == "program_change") == (2, 58)
    assert read_midi_bytes(data).markers == (Marker(960, "B"),)


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_a_key_signature_of_its_tonic(scale: str) -> None:
    for tonic in range(12):
        key = read_midi_bytes(write_midi_bytes(one_track(Note(0, 1, 60)), key=Key(tonic, scale))).key
        assert key is not None
        assert key.tonic == tonic
        assert (key.scale == "minor") == (3 in SCALES[scale] and 4 not in SCALES[scale])


def test_at_one_tick_notes_end_before_others_begin_and_controllers_come_first() -> None:
    controls = (ControlChange(0, 0, 1), ControlChange(0, 32, 2), ControlChange(480, 64, 127))
    score = one_track(Note(0, 480, 60), Note(480, 480, 60), controls=controls)
    part = by_mido(write_midi_bytes(score)).tracks[1]
    kinds = [m.type for m in part if not m.is_meta]
    assert kinds == [
        "control_change", "control_change", "program_change", "note_on", "note_off", "control_change", "note_on", "note_off",
    ]  # fmt: skip


def test_pitch_bend_keeps_its_fourteen_bits() -> None:
    bends = tuple(ControlChange(tick, PITCH_BEND, value) for tick, value in enumerate((0, 8192, 8193, 16383)))
    part = by_mido(write_midi_bytes(one_track(Note(0, 9, 60), controls=bends))).tracks[1]
    assert [m.pitch for m in part if m.type == "pitchwheel"] == [-8192, 0, 1, 8191]


def test_muted_notes_stay_out_of_the_file() -> None:
    read = read_midi_bytes(write_midi_bytes(one_track(Note(0, 9, 60), Note(0, 9, 64, flags=MUTED))))
    assert [n.pitch for n in read.score.tracks[0].notes] == [60]


def test_overlapping_notes_are_cut_not_swallowed() -> None:
    part = by_mido(write_midi_bytes(one_track(Note(0, 1000, 60, 50), Note(480, 100, 60, 70), Note(0, 700, 64, 60)))).tracks[
        1
    ]
    assert sounding(part) == [(0, 480, 60, 50, 0), (0, 700, 64, 60, 0), (480, 100, 60, 70, 0)]


def test_odd_texts_and_empty_scores_can_be_written() -> None:
    score = Score(
        (Track(1, "\ud800 broken \udfff", notes=NoteTable.of([Note(0, 1, 0, id=1)])), Track(2, "nothing")), title="x" * 300
    )
    file = by_mido(write_midi_bytes(score))
    assert [t.name for t in file.tracks] == ["x" * 300, "? broken ?", "nothing"]
    assert len(by_mido(write_midi_bytes(Score(()))).tracks) == 1


def test_a_late_note_can_be_written_and_read() -> None:
    read = read_midi_bytes(write_midi_bytes(one_track(Note(0x0FFF_FF00, 100, 60))))
    assert [(n.start, n.length) for n in read.score.tracks[0].notes] == [(0x0FFF_FF00, 100)]
    assert read.repairs == ()


def test_writing_to_a_path(tmp_path: Path) -> None:
    path = tmp_path / "naïve 曲.mid"
    write_midi(one_track(Note(0, 1, 60)), path)
    write_midi(one_track(Note(0, 1, 61)), path)
    assert [n.pitch for n in read_midi(path).score.tracks[0].notes] == [61]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_demo_seeds_are_read_without_a_word() -> None:
    seeds = sorted((Path(__file__).parents[2] / "resources" / "seeds").glob("*.mid"))
    assert [path.stem for path in seeds] == ["chorale", "folk", "game", "nocturne"]
    for path in seeds:
        read = read_midi(path)
        timeline = read.score.timeline
        melodic = reduce(NoteTable.merged, (track.notes for track in read.score.tracks if not track.is_drums))
        guess = find_key(melodic)
        assert read.repairs == ()
        assert timeline.bar_at(read.score.end_tick - 1) == 3
        assert guess is not None
        assert guess.key == read.key
        assert write_midi_bytes(read.score, key=read.key, texts=["Composed for MuseGen"]) == path.read_bytes()
