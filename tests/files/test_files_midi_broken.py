from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from midi_bytes import END, ONE_NOTE, chunk, event, meta, off, on, smf

from musegen_app.errors import FileError
from musegen_app.files import MidiRead, read_midi, read_midi_bytes

Q = 960


def notes(read: MidiRead, track: int = 0) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in read.score.tracks[track].notes]


# --- broken files -----------------------------------------------------------------------------------------------------


def test_a_missing_end_mark() -> None:
    read = read_midi_bytes(smf(on(0, 60) + off(480, 60)))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ("One track had no end mark.",)


def test_one_broken_track_does_not_lose_the_others() -> None:
    broken = on(0, 60) + off(480, 60) + event(0, 0xFF, 0x03, 0x60) + b"short"
    read = read_midi_bytes(smf(ONE_NOTE, broken, ONE_NOTE))
    assert [notes(read, i) for i in range(3)] == [[(0, Q, 60)]] * 3
    assert read.repairs == ("One track is damaged; what came before the damage was kept.",)


def test_data_without_a_status_ends_a_track() -> None:
    read = read_midi_bytes(smf(b"\x00\x3c\x40", ONE_NOTE))
    assert notes(read) == [(0, Q, 60)]
    assert "damaged" in read.repairs[0]


@pytest.mark.parametrize("length", [0, 3, 9, 500, 0xFFFF_FFFF])
def test_wrong_lengths_of_the_first_track(length: int) -> None:
    read = read_midi_bytes(smf(chunk(ONE_NOTE, length=length), on(0, 72) + off(480, 72) + END))
    assert [notes(read, i) for i in range(2)] == [[(0, Q, 60)], [(0, Q, 72)]]
    assert read.repairs == ("One track's stated length was wrong.",)


def test_a_file_that_breaks_off() -> None:
    whole = smf(on(0, 60) + off(480, 60) + on(0, 62) + off(480, 62) + END)
    read = read_midi_bytes(whole[:-10])
    assert notes(read)[0] == (0, Q, 60)
    assert "The file breaks off early; what came before was kept." in read.repairs


def test_rubbish_between_and_after_the_tracks() -> None:
    data = smf(ONE_NOTE) + b"\0rubbish\xff\0" + chunk(ONE_NOTE) + b"\0" * 50
    read = read_midi_bytes(data)
    assert [notes(read, i) for i in range(2)] == [[(0, Q, 60)]] * 2
    assert "The header states another number of tracks than the file holds." in read.repairs


@pytest.mark.parametrize(("kind", "division"), [(9, 480), (1, 0), (1, -77 << 8 | 4), (1, -25 << 8)])
def test_headers_that_make_no_sense(kind: int, division: int) -> None:
    read = read_midi_bytes(smf(ONE_NOTE, kind=kind, division=division))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ("The file's header makes no sense in part; common values were assumed.",)


def test_a_damaged_mark_of_the_only_track() -> None:
    read = read_midi_bytes(smf(chunk(ONE_NOTE)).replace(b"MTrk", b"MTpk"))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ("The mark before the file's track is damaged.",)


def test_a_missing_header() -> None:
    read = read_midi_bytes(chunk(ONE_NOTE))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ("The file's header is missing; 480 ticks a quarter were assumed.",)


def test_pauses_of_days_are_left_out() -> None:
    far = b"\xff\xff\xff\x7f"
    body = on(0, 60) + off(480, 60) + (far + b"\xb0\x07\x01") * 20 + on(0, 62) + off(480, 62)
    read = read_midi_bytes(smf(body + far + meta(0, 0x51, b"\1\0\0")[1:] + END, division=1))
    assert notes(read) == [(0, 480 * Q, 60)]
    assert read.repairs == ("22 events more than a day into the music were left out.",)


def test_a_number_that_never_ends_is_damage() -> None:
    read = read_midi_bytes(smf(ONE_NOTE[:-4] + b"\xff" * 50, ONE_NOTE))
    assert len(read.score.tracks) == 2
    assert "damaged" in read.repairs[0]


def test_many_all_notes_off_take_no_time_to_speak_of() -> None:
    body = b"".join(on(0, p % 128) for p in range(5000)) + event(1, 0xB0, 123, 0) * 20_000
    assert read_midi_bytes(smf(body + END)).score.note_count == 128


def test_a_file_without_notes_keeps_its_timeline() -> None:
    read = read_midi_bytes(smf(meta(0, 0x51, (400_000).to_bytes(3, "big")) + END))
    assert read.score.note_count == 0
    assert len(read.score.tracks) == 1
    assert read.score.timeline.tempo_at(0).microseconds == 400_000
    assert read.repairs == ("The file holds no notes.",)


# --- files that cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "song.mid is empty."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "song.mid is not a MIDI file."),
        (b"MThd", "song.mid is damaged: no notes could be read from it."),
        (smf(count=3), "song.mid is damaged: no notes could be read from it."),
        (smf(b"\x00\x3c\x40"), "song.mid is damaged: no notes could be read from it."),
        (b"MTrk", "song.mid is damaged: no notes could be read from it."),
        (bytes(33 * 1024 * 1024), "song.mid is larger than 32 MB, too large for a MIDI file."),
    ],
)
def test_files_without_music_are_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "song.mid"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_midi(path)
    assert str(caught.value) == sentence
    assert caught.value.path == path


def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    loop = tmp_path / "loop.mid"
    loop.symlink_to(loop)
    os.mkfifo(tmp_path / "pipe.mid")
    for path, words in (
        (tmp_path / "none.mid", "none.mid does not exist."),
        (tmp_path, "is a folder, not a MIDI file."),
        (tmp_path / "pipe.mid", "pipe.mid is not an ordinary file."),
        (loop, "loop.mid cannot be read: "),
        (tmp_path / ("x" * 300), "cannot be read: File name too long."),
    ):
        with pytest.raises(FileError) as caught:
            read_midi(path)
        assert words in str(caught.value)


def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    """Runs as another user where the tests run as root, who may read everything."""
    path = tmp_path / "secret.mid"
    path.write_bytes(smf(ONE_NOTE))
    path.chmod(0)
    code = (
        "import os, sys, pathlib\n"
        "from musegen_app.files import read_midi\n"
        "from musegen_app.errors import FileError\n"
        "if os.getuid() == 0: os.chdir(sys.argv[1]); os.setuid(65534)\n"
        "try: read_midi(pathlib.Path('secret.mid'))\n"
        "except FileError as error: print(error)\n"
    )
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        if os.getuid() == 0 and folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    checkout = str(Path(__file__).resolve().parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": checkout},
        timeout=60,
    )
    assert ran.stdout == "secret.mid may not be read: permission denied.\n"
