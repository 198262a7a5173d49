"""What the terminal's tests share: a home of their own, a model that plays scales, seeds on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scale_model import FAMILY, PATIENT, install, load_scale_model
from terminal import C_MAJOR, Answer, Musegen, line, score_of

import musegen_app
from musegen_app.cli.main import run
from musegen_app.files import write_midi
from musegen_app.generate import FAMILIES, Family, Manifest, registry
from musegen_app.score import NoteTable, Track


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(registry, "model_dirs", lambda: (tmp_path / "models",))
    monkeypatch.setenv("PYTHONPATH", str(Path(musegen_app.__file__).parent.parent))  # for the processes we start elsewhere
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def scale_model(home: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    monkeypatch.setitem(FAMILIES, FAMILY, Family(FAMILY, "Scales", "note", load_scale_model))
    return install(home / "models")


@pytest.fixture
def patient_model(home: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """A model of a family that fills gaps and has controls."""
    monkeypatch.setitem(FAMILIES, PATIENT.name, PATIENT)
    return install(home / "models", "patient", PATIENT.name, nats_per_step=0.8, unigram_nats_per_step=1.9)


@pytest.fixture
def musegen(capsys: pytest.CaptureFixture[str]) -> Musegen:
    def call(*argv: object) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in argv])
        heard = capsys.readouterr()
        return Answer(code, heard.out, heard.err)

    return call


@pytest.fixture
def refused(musegen: Musegen) -> Callable[..., str]:
    """Call and expect exit code 2, nothing on stdout and one sentence on stderr, which is returned."""

    def call(*argv: object) -> str:
        answer = musegen(*argv)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("musegen: ")
        assert answer.err.count("\n") == 1
        assert answer.err.rstrip().endswith((".", '"'))
        return answer.err.removeprefix("musegen: ").strip()

    return call


@pytest.fixture
def melody(home: Path) -> Path:
    """Four bars in C major, one track."""
    path = home / "melody.mid"
    write_midi(score_of(Track(1, "Melody", notes=NoteTable.of(line(C_MAJOR)))), path)
    return path


@pytest.fixture
def band(home: Path) -> Path:
    """Drums, a melody and a bass of four bars."""
    drums = Track(1, "Drums", 9, 0, NoteTable.of(line([36, 38] * 8)))
    tune = Track(2, "Tune", 0, 73, NoteTable.of(line([72 + p - 60 for p in C_MAJOR])))
    bass = Track(3, "Bass", 1, 32, NoteTable.of(line([36, 43, 36, 43] * 4)))
    path = home / "band.mid"
    write_midi(score_of(drums, tune, bass), path)
    return path
