"""A screen of our own: each session of these tests starts an X server that draws nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

SCREEN = "1440x900x24"


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a display (such as ":3") that the X server picked, free and without a window manager."""
    assert shutil.which("Xvfb"), "these tests need Xvfb and xdotool: run packaging/system-packages test"
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as told:
        number = told.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(timeout=20)
