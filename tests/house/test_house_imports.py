"""What a process loads: the contracts of import-linter read the source, these tests look at what really happened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "onnx", "PySide6", "rtmidi", "music21", "onnxruntime", "mido")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after a statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps([n for n in {HEAVY} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("room", "may_load"),
    [
        ("score", set()),
        ("settings", set()),
        ("logs", set()),
        ("encoding", set()),
        ("files", {"mido"}),
        ("midi_io", {"rtmidi"}),
        ("generate", {"onnxruntime"}),
        ("playback", {"rtmidi"}),
        ("playback.engine", {"rtmidi"}),
        ("editor", {"onnxruntime"}),
        ("jobs", {"onnxruntime"}),
        ("cli.main", set()),
        ("cli.table", {"mido", "onnxruntime", "rtmidi"}),
        ("app", {"PySide6", "mido", "onnxruntime", "rtmidi"}),
    ],
)
def test_a_room_loads_no_package_of_another(room: str, may_load: set[str]) -> None:
    assert loaded_by(f"import musegen_app.{room}") <= may_load


def test_the_window_paints_before_the_model_runtime_is_loaded() -> None:
    assert "onnxruntime" not in loaded_by("import musegen_app.app")


def test_the_engine_loads_what_it_plays_with_and_nothing_else() -> None:
    program = "import musegen_app.playback.engine, sys; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
