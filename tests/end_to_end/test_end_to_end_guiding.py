"""Chords, endings and ways to fill, end to end: the shipped model, the X server's mouse and keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from musegen_app.score import Chord

ROOT = Path(__file__).parent.parent.parent
BAR = 3840


@pytest.mark.timeout(240)
def test_chords_an_ending_and_other_pitches_in_the_same_rhythm(display: str, tmp_path: Path) -> None:
    variables = {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "MUSEGEN_HOME": str(tmp_path / "home"),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "guiding.py"), str(tmp_path)],
        env={**os.environ, **variables, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["found"][0].startswith("C")
    assert seen["written"] == [[4 * BAR, 4 * BAR + BAR // 2, "F"], [4 * BAR + BAR // 2, 5 * BAR, "G7"]]
    f, g = Chord.parse("F").mask, Chord.parse("G7").mask
    assert seen["asked"] == ["close", [[4 * BAR, f], [4 * BAR + BAR // 2, g], [5 * BAR, 0]]]
    start, end = seen["span"]
    assert (start, end) == (BAR, 3 * BAR)
    before, after = ([row for row in seen[name] if start <= row[0] < end] for name in ("before", "after"))
    assert [row for row in seen["before"] if row not in before] == [row for row in seen["after"] if row not in after]
    assert [row[:2] for row in before] == [row[:2] for row in after]
    assert [row[2] for row in before] != [row[2] for row in after]
