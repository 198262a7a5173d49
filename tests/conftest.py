"""What every test lives under: no screen, a home of its own, and nothing that fails quietly.

Warnings and Qt's messages fail a test by pytest's configuration (pyproject.toml). Here a stray log line, a thread or a
child process left behind does. A test that provokes log lines looks at them through ``caplog`` or carries the mark ``logs``.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("MUSEGEN_MODELS", "MUSEGEN_HOME"):
    os.environ.pop(_name, None)

_SLOW_MACHINE = [HealthCheck.too_slow]  # no test fails for the speed of the machine
settings.register_profile(
    "default", deadline=None, max_examples=40, derandomize=True, database=None, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile("fuzz", deadline=None, max_examples=3000, suppress_health_check=_SLOW_MACHINE)
settings.load_profile("default")

LEAVE_S = 5.0  # what a closed thread or child may take to be gone on a busy machine
MACHINE_ROOMS = {"playback", "midi_io", "end_to_end"}
MACHINE_FIXTURES = {"jack", "receiver", "display"}
"""Folders and fixtures of tests that use what a machine has once (a JACK server, a screen, real time): one process runs
them in turn."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        needs = set(item.fixturenames) if isinstance(item, pytest.Function) else set()
        if item.path.relative_to(here).parts[0] in MACHINE_ROOMS or needs & MACHINE_FIXTURES:
            item.add_marker(pytest.mark.xdist_group("machine"))


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's folders of this run, so that no test reads or writes the developer's own settings and models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSEGEN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


class _Kept(logging.Handler):
    """Keeps the log lines it gets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        self.lines.append(text if record.exc_info is None else f"{text} ({record.exc_info[1]!r})")


@pytest.fixture(autouse=True)
def _no_stray_log_lines(request: pytest.FixtureRequest) -> Iterator[None]:
    kept, room = _Kept(), logging.getLogger("musegen_app")
    room.addHandler(kept)
    yield
    room.removeHandler(kept)
    expected = "caplog" in request.fixturenames or request.node.get_closest_marker("logs")
    if kept.lines and not expected:
        pytest.fail("logged, and the test does not say so:\n" + "\n".join(kept.lines), pytrace=False)


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    threads, children = _threads(), _children()
    yield
    patience = time.monotonic() + LEAVE_S
    while (left := _since(threads, children)) and time.monotonic() < patience:
        time.sleep(0.01)
    if left:
        pytest.fail("still running after the test:\n" + "\n".join(left), pytrace=False)


def _since(threads: set[threading.Thread], children: dict[int, str]) -> list[str]:
    return [
        *sorted(str(thread) for thread in _threads() - threads),
        *(name for pid, name in _children().items() if pid not in children),
    ]


def _threads() -> set[threading.Thread]:
    """Threads of Python's own making; those a C library called in from have no end that Python would know of."""
    return {
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread) and type(thread).__name__ != "TMonitor"  # tqdm keeps one for good
    }


def _children() -> dict[int, str]:
    """Living child processes: id to command line. Elsewhere than on Linux only those of ``multiprocessing`` are known."""
    found = {child.pid: child.name for child in multiprocessing.active_children() if child.pid is not None}
    for listing in Path("/proc/self/task").glob("*/children"):
        for pid in _read(listing).split():
            command = _read(Path("/proc") / pid / "cmdline").replace("\0", " ").strip()
            if command and "resource_tracker" not in command:  # a zombie has no command; Python keeps one tracker for good
                found[int(pid)] = f"process {pid}: {command}"
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has just gone
        return ""
