"""Bytes no musician would write: a score or a sentence comes back, quickly. ``make fuzz`` tries thousands."""

from __future__ import annotations

import gzip
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from midi_bytes import chunk, smf

from musegen_app.errors import FileError
from musegen_app.files import Project, read_midi_bytes, read_project, write_midi_bytes, write_project
from musegen_app.files.midi_reader import MidiRead
from musegen_app.score import Note, NoteTable, Score, Track

SEEDS = tuple(path.read_bytes() for path in sorted((Path(__file__).parents[2] / "resources" / "seeds").glob("*.mid")))
LAST_TICK = 0x0FFF_FFFF
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

_TELLING = bytes.fromhex("00 01 3C 40 7F 80 81 90 91 B0 C0 E0 F0 F7 FF 2F 51 58 59")
EVENT_BYTES = st.lists(st.sampled_from(_TELLING) | st.integers(0, 255), max_size=200).map(bytes)


@st.composite
def broken_seeds(draw: st.DrawFn) -> bytes:
    """A demo seed with bytes flipped, cut out, put in, or cut off."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(["flip", "cut", "insert", "truncate", "repeat"]))
        if kind == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        elif kind == "repeat":
            data[at:at] = data[at : at + 60]
        elif draw(st.booleans()):
            del data[at:]
    return bytes(data)


def _read(data: bytes) -> MidiRead | None:
    try:
        return read_midi_bytes(data, "fuzz.mid")
    except FileError as error:
        assert str(error).startswith("fuzz.mid is ")
        assert str(error).endswith(".")
        return None


def _check(data: bytes) -> None:
    """What was read is a sound score: it can be shown, written, and read again as it is."""
    read = _read(data)
    if read is None:
        return
    score = read.score
    assert score.end_tick <= LAST_TICK
    ids = [i for track in score.tracks for i in track.notes.id.tolist()]
    assert len(set(ids)) == len(ids) == score.note_count == score.next_id - 1
    assert score.timeline.second_at(score.end_tick) >= 0
    assert score.timeline.bar_start(score.timeline.bar_at(score.end_tick)) <= score.end_tick
    assert all(sentence.endswith(".") for sentence in read.repairs)
    again = read_midi_bytes(write_midi_bytes(score, key=read.key, markers=read.markers))
    assert again.score.timeline == score.timeline
    assert (again.key, again.markers) == (read.key, read.markers)
    if score.note_count:
        assert again.score == score
        assert again.repairs == ()


@given(broken_seeds())
@SAME_FOLDER
def test_broken_files(data: bytes) -> None:
    _check(data)


@given(st.lists(EVENT_BYTES, max_size=4), st.integers(0, 3), st.integers(0, 0xFFFF))
def test_events_of_any_bytes(tracks: list[bytes], kind: int, division: int) -> None:
    _check(smf(*map(chunk, tracks), kind=kind, division=division))


@given(st.binary(max_size=300), st.sampled_from([b"", b"MThd", b"MTrk", b"RIFF", smf(b"\0\x90\x40\x40")]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    _check(start + data)


@given(st.data())
@SAME_FOLDER
def test_broken_projects(tmp_path: Path, data: st.DataObject) -> None:
    """Within the packing, which has a checksum of its own, so that the content is what breaks."""
    path = tmp_path / "a.musegen"
    write_project(Project(Score((Track(1, "Piano", notes=NoteTable.of([Note(0, 960, 60, id=1)])),), next_id=2)), path)
    content = bytearray(gzip.decompress(path.read_bytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"9", b"-", b"null", b"[", b"}", b'"', b"1e9"])
        )
    path.write_bytes(gzip.compress(bytes(content)))
    try:
        project = read_project(path)
    except FileError as error:
        assert str(error).startswith("a.musegen ")
        return
    write_project(project, path)
    assert read_project(path) == project
