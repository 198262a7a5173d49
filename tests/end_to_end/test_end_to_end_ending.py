"""The program's ends: asked by the system, killed in the middle, closed after its first paint. Nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SEED = ROOT / "resources" / "seeds" / "nocturne.mid"
PATIENCE_S = 120.0


@contextmanager
def window(home: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """The program with its window, offscreen."""
    variables = {"QT_QPA_PLATFORM": "offscreen", "MUSEGEN_HOME": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "musegen_app", *argv]
    started = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def until(ready: Callable[[], object]) -> None:
    latest = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < latest
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Ids of the living children of a process."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has just ended
            found += map(int, path.read_text().split())
    return found


def have_ended(pids: list[int]) -> bool:
    """Whether they are gone, or wait for nothing but somebody who asks how they ended."""
    for pid in pids:
        with suppress(OSError):
            if " Z " not in Path(f"/proc/{pid}/stat").read_text():
                return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_by_the_system_it_closes_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with window(tmp_path, str(SEED)) as program:
        until((tmp_path / "config" / "settings.json").exists)  # the file was opened and is remembered
        engines = children(program.pid)
        assert engines
        program.send_signal(number)
        out, err = program.communicate(timeout=PATIENCE_S)
        assert (program.returncode, out, err) == (0, "", "")
    until(lambda: have_ended(engines))


def test_killed_in_the_middle_its_engine_ends_too(tmp_path: Path) -> None:
    with window(tmp_path, str(SEED)) as program:
        until((tmp_path / "config" / "settings.json").exists)
        engines = children(program.pid)
        program.kill()
        program.wait(timeout=PATIENCE_S)
    until(lambda: have_ended(engines))


def test_the_first_paint_is_told_and_nothing_else(tmp_path: Path) -> None:
    with window(tmp_path, "--exit-after-first-paint") as program:
        out, err = program.communicate(timeout=PATIENCE_S)
    assert (program.returncode, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["first_paint_ms"]
    assert told["first_paint_ms"] > 0
