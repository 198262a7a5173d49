"""Our player against mido's and a thread, beside a window and a model that work (``musegen bench playback``)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

Numbers = Mapping[str, float]
EVENTS = 1_000


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    """One run of the real command, a tenth as long as it is by itself."""
    command = [sys.executable, "-m", "musegen_app", "bench", "playback", "--events", str(EVENTS), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    if done.stderr:
        pytest.fail(f"no measure of what real-time priority does: {done.stderr}", pytrace=False)
    answer: Numbers = json.loads(done.stdout)
    return answer


def test_with_permission_we_are_far_more_punctual_than_mido(numbers: Numbers) -> None:
    """200 times was measured on a busy machine."""
    assert numbers["lateness_p99_ms_realtime"] < numbers["mido_p99_ms"] / 5


def test_without_permission_we_are_more_punctual_than_a_thread_of_the_window(numbers: Numbers) -> None:
    assert numbers["lateness_p99_ms_plain"] < numbers["thread_p99_ms"]
