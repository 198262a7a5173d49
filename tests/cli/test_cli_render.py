"""``musegen render``: sound on disk, or one sentence."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from terminal import Musegen, Refused

from musegen_app.playback import soundfonts


def test_a_file_becomes_sound(musegen: Musegen, melody: Path, home: Path) -> None:
    answer = musegen("render", melody, "-o", home / "melody.wav", "--json")
    assert answer.code == 0
    assert answer.json["seconds"] == 8  # sixteen quarters at 120
    with wave.open(str(home / "melody.wav"), "rb") as file:
        assert file.getnframes() / file.getframerate() == 8
        assert max(file.readframes(file.getframerate())) > 0
    assert musegen("render", melody, "-o", home / "melody.wav", "--tail", 2).out.startswith(f"{home / 'melody.wav'}: 10.0 s")


def test_bad_input_is_one_sentence(refused: Refused, melody: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not end in .wav" in refused("render", melody, "-o", home / "melody.mp3")
    assert "There is no folder" in refused("render", melody, "-o", home / "nowhere" / "a.wav")
    assert "There is no soundfont" in refused("render", melody, "-o", home / "a.wav", "--soundfont", home / "none.sf2")
    assert "not within 0 to 60" in refused("render", melody, "-o", home / "a.wav", "--tail", -1)
    assert "does not exist" in refused("render", home / "none.mid", "-o", home / "a.wav")
    monkeypatch.setattr(soundfonts, "find_program", lambda: None)
    assert "is not installed" in refused("render", melody, "-o", home / "a.wav")
    assert not (home / "a.wav").exists()
