from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from score_strategies import scores

from musegen_app.errors import FileError
from musegen_app.files import Project, read_project, write_project
from musegen_app.score import (
    GENERATED,
    MUTED,
    SCALES,
    SIXTEENTHS,
    STRAIGHT,
    ControlChange,
    Key,
    Metre,
    Note,
    NoteTable,
    Score,
    Swing,
    Tempo,
    Timeline,
    Track,
)

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

EXAMPLE = Project(
    Score(
        (
            Track(3, "Piano", 0, 1, NoteTable.of([Note(0, 9, 60, 5, 7, GENERATED), Note(4, 9, 61, 6, 8, MUTED)])),
            Track(5, "Drums", 9, 0, controls=(ControlChange(5, 64, 127),), muted=True, soloed=True, port="Synth", bank=130),
        ),
        Timeline.made((Tempo.of_bpm(90),), (Metre(0, 3, 4),)).with_swing(Swing(33, SIXTEENTHS)),
        "Sketch",
        20,
    ),
    loop=(960, 4800),
    active_track_id=5,
    key_lock=Key(2, "dorian"),
    view={"px_a_tick": 0.25, "top_pitch": 84, "panels": ["generate"]},
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    score = draw(scores())
    start = draw(st.integers(0, 10_000))
    loop = draw(st.none() | st.integers(1, 10_000).map(lambda length: (start, start + length)))
    active = draw(st.sampled_from([None, *(track.id for track in score.tracks)]))
    key = draw(st.none() | st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES))))
    view = draw(st.dictionaries(st.text(), JSON, max_size=3))
    takes = draw(st.sampled_from([{}, {"asked": [], "takes": [{"number": 1}]}]))
    return Project(score, loop, active, key, view, takes=takes)


@given(project=projects())
@SAME_FOLDER
def test_reading_what_was_written_gives_the_project_back(tmp_path: Path, project: Project) -> None:
    write_project(project, tmp_path / "a.musegen")
    assert read_project(tmp_path / "a.musegen") == project


def test_ids_flags_and_switches_survive(tmp_path: Path) -> None:
    write_project(EXAMPLE, tmp_path / "a.musegen")
    again = read_project(tmp_path / "a.musegen")
    assert again == EXAMPLE
    assert list(again.score.tracks[0].notes) == list(EXAMPLE.score.tracks[0].notes)


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.musegen", "b.musegen"):
        write_project(EXAMPLE, tmp_path / name)
    assert (tmp_path / "a.musegen").read_bytes() == (tmp_path / "b.musegen").read_bytes()


def _changed(path: Path, **changes: Any) -> Path:
    """A project file whose JSON was changed by hand."""
    write_project(EXAMPLE, path)
    content = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps({**content, **changes}).encode()))
    return path


def _refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        read_project(path)
    assert caught.value.path == path
    return str(caught.value)


def test_a_newer_format_is_refused_kindly(tmp_path: Path) -> None:
    path = _changed(tmp_path / "a.musegen", format=4, tracks="quite different by then")
    assert _refusal(path) == "a.musegen was saved by a newer MuseGen; update MuseGen to open it."


def test_a_project_of_the_first_version_has_no_swing_bank_or_ports_of_tracks(tmp_path: Path) -> None:
    write_project(EXAMPLE, tmp_path / "a.musegen")
    content = json.loads(gzip.decompress((tmp_path / "a.musegen").read_bytes()))
    del content["swing"]
    for track in content["tracks"]:
        del track["bank"], track["port"]
    (tmp_path / "a.musegen").write_bytes(gzip.compress(json.dumps(content).encode()))
    score = read_project(tmp_path / "a.musegen").score
    assert score.timeline.swing == STRAIGHT
    assert [(track.bank, track.port) for track in score.tracks] == [(None, ""), (None, "")]


def test_entries_of_a_later_day_are_passed_over(tmp_path: Path) -> None:
    assert read_project(_changed(tmp_path / "a.musegen", colours={"piano": "red"})) == EXAMPLE


def _track(**changes: Any) -> list[dict[str, Any]]:
    notes = {"start": [0], "length": [1], "pitch": [60], "velocity": [64], "id": [1], "flags": [0]}
    track = {
        "id": 1,
        "name": "",
        "channel": 0,
        "program": 0,
        "muted": False,
        "soloed": False,
        "notes": notes,
        "controls": [],
    }
    return [{**track, **changes, "notes": {**notes, **changes.get("notes", {})}}]


@pytest.mark.parametrize(
    "changes",
    [
        {"tracks": None},
        {"tracks": [1]},
        {"tracks": [{}]},
        {"tracks": _track(channel=16)},
        {"tracks": _track(program=-1)},
        {"tracks": _track(name=None)},
        {"tracks": _track(id="1")},
        {"tracks": _track() + _track()},
        {"tracks": _track(notes={"pitch": [128]})},
        {"tracks": _track(notes={"pitch": [60.5]})},
        {"tracks": _track(notes={"pitch": ["60"]})},
        {"tracks": _track(notes={"pitch": [60, 61]})},
        {"tracks": _track(notes={"pitch": 60})},
        {"tracks": _track(notes={"pitch": [[60], [61, 62]]})},
        {"tracks": _track(notes={"start": [10**30]})},
        {"tracks": _track(notes={"length": [0]})},
        {"tracks": _track(controls=[[0, 64]])},
        {"tracks": _track(controls=[[0, 129, 0]])},
        {"tracks": _track(bank=16384)},
        {"tracks": _track(bank="1")},
        {"tracks": _track(port=3)},
        {"swing": [76, 480]},
        {"swing": [-1, 480]},
        {"swing": [33, 481]},
        {"swing": 33},
        {"tempos": [[0, 0]]},
        {"tempos": [[-1, 500_000]]},
        {"tempos": {"0": 1}},
        {"metres": [[0, 0, 4]]},
        {"metres": [[0, 4, 3]]},
        {"title": 5},
        {"next_id": 0},
        {"loop": [5, 5]},
        {"loop": 5},
        {"key_lock": [12, "major"]},
        {"key_lock": [0, "purple"]},
        {"key_lock": [0, ["major"]]},
        {"view": [1]},
    ],
)
def test_content_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert _refusal(_changed(tmp_path / "a.musegen", **changes)) == "a.musegen is damaged: its content makes no sense."


@pytest.mark.parametrize(
    "content",
    [
        b"MThd\0\0\0\6",
        gzip.compress(b"not json", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b'{"format":"1"}', mtime=0),
        gzip.compress(b'{"format":true}', mtime=0),
        gzip.compress(b"[" * 100_000, mtime=0),
        gzip.compress(b'{"format":' + b"9" * 5000 + b"}", mtime=0),
        gzip.compress(b"\xff\xfe", mtime=0),
        b'{"format":1}',
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.musegen"
    path.write_bytes(content)
    assert _refusal(path) == "a.musegen is not a MuseGen project, or is damaged."


def test_missing_folder_and_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.musegen").touch()
    assert _refusal(tmp_path / "none.musegen") == "none.musegen does not exist."
    assert _refusal(tmp_path / "empty.musegen") == "empty.musegen is empty."
    assert "is a folder, not a project." in _refusal(tmp_path)


def test_every_truncated_or_flipped_file_is_refused_or_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.musegen"
    write_project(EXAMPLE, path)
    whole = path.read_bytes()
    dice = random.Random(2)
    for _ in range(300):
        broken = bytearray(whole)
        if dice.random() < 0.3:
            del broken[dice.randrange(1, len(broken)) :]
        else:
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        path.write_bytes(broken)
        try:
            assert read_project(path) == EXAMPLE
        except FileError as error:
            assert str(error).startswith("a.musegen ")


def test_an_active_track_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    assert read_project(_changed(tmp_path / "a.musegen", active_track=99)).active_track_id is None


@pytest.mark.parametrize("chords", [[[0, 960, "Hm"]], [[0, 960, "C"], [480, 1920, "G"]], [[960, 960, "C"]], [[0, "C"]], 7])
def test_chords_that_make_no_sense_are_refused(tmp_path: Path, chords: object) -> None:
    path = _changed(tmp_path / "a.musegen", chords=chords)
    with pytest.raises(FileError, match="damaged"):
        read_project(path)
