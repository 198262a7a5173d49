from __future__ import annotations

import subprocess
import sys

import pytest

from musegen_app.ui.memory import keep_freed_memory

PROGRAM = """
import resource, sys
import numpy as np
from musegen_app.ui.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def frame():
    arrays = [np.ones(500_000) for _ in range(6)]
    arrays.clear()
frame()
before = faults()
for _ in range(20):
    frame()
print(faults() - before)
"""


def test_what_a_frame_frees_the_next_one_gets_without_page_faults() -> None:
    def faults(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("keep") < faults("leave") / 4


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False
