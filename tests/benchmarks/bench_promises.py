"""What ``musegen bench`` measures, held against promises that do not depend on how fast this machine is."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

Numbers = Mapping[str, float]


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    """One run of the real command."""
    done = subprocess.run(
        [sys.executable, "-m", "musegen_app", "bench", "--json"], capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer: Numbers = json.loads(done.stdout)
    return answer


def test_eight_takes_are_one_batch(numbers: Numbers) -> None:
    """The aim is 1.5; 2.3 to 3.1 was measured on AVX2 without VNNI, where the integer products alone cost twice as much.

    Both numbers fell since it was 2.1 to 2.5, that of one take the more. In turn it would be 8.
    """
    assert numbers["takes8_over_1"] <= 3.2


def test_carried_state_beats_the_window_that_is_read_again(numbers: Numbers) -> None:
    """6.9 was measured: reading 100 notes at once is quick too, once they are one call."""
    assert numbers["speedup_vs_window"] >= 5


def test_the_seed_is_read_in_one_go(numbers: Numbers) -> None:
    note_by_note_ms = 256 / numbers["notes_per_s"] * 1000
    assert numbers["first_note_ms"] < note_by_note_ms / 2


def test_cancel_is_heard_within_a_few_notes(numbers: Numbers) -> None:
    eight_takes_step_ms = numbers["takes8_over_1"] / numbers["notes_per_s"] * 1000
    assert numbers["cancel_ms"] < 10 * eight_takes_step_ms + 5


def test_a_roll_full_of_notes_beats_drawing_them_one_by_one(numbers: Numbers) -> None:
    assert numbers["frame_speedup_100k"] >= 5


def test_ten_times_the_notes_cost_less_than_ten_times_the_frame(numbers: Numbers) -> None:
    assert numbers["frame_ms_100k"] < 10 * numbers["frame_ms_10k"]


def test_starting_takes_little_more_than_qt_itself(numbers: Numbers) -> None:
    program = (
        "from PySide6.QtWidgets import QApplication, QLabel\n"
        "app = QApplication([]); label = QLabel('x'); label.show(); app.processEvents()"
    )
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
        times.append((time.perf_counter() - began) * 1000)
    assert numbers["startup_ms"] < 5 * min(times)
