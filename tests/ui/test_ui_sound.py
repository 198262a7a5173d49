"""The piece as a WAV file, from the menu: its progress is told, it can be cancelled, and a failure is one sentence."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from musegen_app.playback import soundfonts
from musegen_app.ui.flows import sound_export


def test_a_piece_is_rendered_while_one_works_on(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.answers.to_midi = tmp_path / "tune.mid"
    told: list[tuple[str, float]] = []
    stage.studio.sound.progressed.connect(lambda name, share: told.append((name, share)))
    stage.do("export_wav")
    assert stage.studio.sound.is_busy
    assert stage.window.notice.text == "Rendering tune.wav: 0 %"
    stage.do("export_wav")
    assert "already" in stage.window.notice.text
    stage.until(lambda: not stage.studio.sound.is_busy)
    assert stage.window.notice.text == ""
    assert "Exported tune.wav" in stage.window.status.music.text()
    assert told[-1] == ("tune.wav", 1.0)
    seconds = stage.document.score.timeline.second_at(stage.document.score.end_tick)
    with wave.open(str(tmp_path / "tune.wav"), "rb") as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(seconds + sound_export.TAIL_S, abs=1e-4)


def test_cancelling_leaves_no_file(stage, tmp_path: Path) -> None:
    stage.draw()
    stage.answers.to_midi = tmp_path / "tune.mid"
    stage.do("export_wav")
    stage.window.notice._go(stage.window.notice._way_out)
    stage.until(lambda: not stage.studio.sound.is_busy)
    assert not (tmp_path / "tune.wav").exists()
    assert stage.window.notice.text == ""


def test_what_cannot_be_rendered_is_a_sentence(stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers.to_midi = tmp_path / "tune.mid"
    stage.do("export_wav")
    stage.until(lambda: "nothing to hear" in stage.window.notice.text)
    stage.draw()
    monkeypatch.setattr(soundfonts, "find_program", lambda: None)
    stage.do("export_wav")
    stage.until(lambda: "FluidSynth, which turns MIDI into sound, is not installed" in stage.window.notice.text)
    stage.answers.to_midi = None
    stage.do("export_wav")
    assert not stage.studio.sound.is_busy
