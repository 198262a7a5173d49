"""Sound comes out: as long as the piece, where its notes are, and nothing is lost when it cannot be written."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musegen_app.errors import FileError, InputError, PortError
from musegen_app.playback import soundfonts
from musegen_app.playback.render import RATE, render_wav
from musegen_app.playback.soundfonts import SOUNDFONT_VARIABLE, Synth, find_synth
from musegen_app.score import Note, NoteTable, Score, Track


def piece(*notes: Note) -> Score:
    return Score((Track(1, "Piano", notes=NoteTable.of(notes).numbered(1)),), next_id=len(notes) + 1)


RINGS = piece(Note(0, 960, 60, 100), Note(960 * 6, 1920, 67, 100))


@pytest.fixture(scope="module")
def synth() -> Synth:
    return find_synth()


def sound_of(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 2, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2).astype(float)


def loudness(sound: np.ndarray, begin_s: float, end_s: float) -> float:
    return float(np.abs(sound[round(begin_s * RATE) : round(end_s * RATE)]).mean())


def test_it_is_as_long_as_the_piece_and_sounds_where_notes_are(tmp_path: Path, synth: Synth) -> None:
    told: list[float] = []
    assert render_wav(RINGS, tmp_path / "a.wav", synth, on_progress=told.append)
    sound = sound_of(tmp_path / "a.wav")
    assert len(sound) == 4 * RATE  # eight quarters at 120
    assert loudness(sound, 0.05, 0.4) > 100
    assert loudness(sound, 3.1, 3.9) > 100
    assert loudness(sound, 2.0, 2.9) < loudness(sound, 0.05, 0.4) / 20
    assert np.abs(sound[-1]).max() <= 8  # faded
    assert told == sorted(told)
    assert told[-1] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_tail_rings_out(tmp_path: Path, synth: Synth) -> None:
    render_wav(RINGS, tmp_path / "a.wav", synth, tail_s=1.5)
    sound = sound_of(tmp_path / "a.wav")
    assert len(sound) == 5.5 * RATE
    assert loudness(sound, 4.0, 4.2) > loudness(sound, 5.2, 5.5)


def test_what_is_muted_is_not_heard(tmp_path: Path, synth: Synth) -> None:
    quiet = replace(RINGS, tracks=(replace(RINGS.tracks[0], muted=True),))
    with pytest.raises(InputError, match="nothing to hear"):
        render_wav(quiet, tmp_path / "a.wav", synth)
    other = Track(2, "Bass", 1, notes=NoteTable.of([Note(0, 480, 40, 100)]).numbered(9))
    render_wav(replace(quiet, tracks=(*quiet.tracks, other)), tmp_path / "a.wav", synth)
    assert len(sound_of(tmp_path / "a.wav")) == RATE // 4


def test_cancelling_leaves_the_old_file(tmp_path: Path, synth: Synth) -> None:
    (tmp_path / "a.wav").write_bytes(b"old")
    assert not render_wav(RINGS, tmp_path / "a.wav", synth, cancelled=lambda: True)
    assert (tmp_path / "a.wav").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_broken_soundfont_and_a_missing_program_are_a_sentence(tmp_path: Path, synth: Synth) -> None:
    (tmp_path / "bad.sf2").write_bytes(b"no sounds in here")
    with pytest.raises(PortError, match=r"with bad\.sf2"):
        render_wav(RINGS, tmp_path / "a.wav", Synth(synth.program, tmp_path / "bad.sf2"))
    with pytest.raises(PortError, match="cannot be started"):
        render_wav(RINGS, tmp_path / "a.wav", Synth(tmp_path / "no-program", synth.soundfont))
    with pytest.raises(FileError, match="cannot be written"):
        render_wav(RINGS, tmp_path / "nowhere" / "a.wav", synth)
    assert not (tmp_path / "a.wav").exists()


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("musegen_app.playback.render._cut", full)
    with pytest.raises(FileError, match=r"a\.wav cannot be written: No space left"):
        render_wav(RINGS, tmp_path / "a.wav", synth)
    assert not list(tmp_path.iterdir())


def test_the_best_soundfont_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    monkeypatch.delenv(SOUNDFONT_VARIABLE, raising=False)
    system, own = tmp_path / "system", tmp_path / "data" / "soundfonts"
    monkeypatch.setattr(soundfonts, "_FONT_DIRS", (str(system), str(tmp_path / "missing")))
    system.mkdir()
    for name in ("strings.sf2", "TimGM6mb.sf2", "FluidR3_GM.sf2", "notes.txt"):
        (system / name).write_bytes(b"")
    assert [path.name for path in soundfonts.soundfonts()] == ["FluidR3_GM.sf2", "TimGM6mb.sf2", "strings.sf2"]
    own.mkdir(parents=True)
    (own / "mine.SF2").write_bytes(b"")
    assert find_synth().soundfont.name == "mine.SF2"
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(system / "strings.sf2"))
    assert find_synth().soundfont.name == "strings.sf2"


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    monkeypatch.delenv(SOUNDFONT_VARIABLE, raising=False)
    monkeypatch.setattr(soundfonts, "_FONT_DIRS", ())
    with pytest.raises(PortError, match=r"no soundfont for FluidSynth; put a General MIDI \.sf2 file into .*soundfonts"):
        find_synth()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(soundfonts, "_PROGRAM_DIRS", ())
    for platform, words in (("linux", "apt-get install"), ("darwin", "brew install"), ("win32", "winget install")):
        monkeypatch.setattr(soundfonts.sys, "platform", platform)
        with pytest.raises(PortError, match=words):
            find_synth()
