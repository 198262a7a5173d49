"""``musegen bench clock``: the clock as another port gets it, through JACK, and worked out by hand."""

from __future__ import annotations

import math

import pytest
from jack_server import jack  # noqa: F401  the fixture is asked for by its name

from musegen_app.cli.clock_timing import KEYS, measure_clock
from musegen_app.cli.main import run

pytestmark = pytest.mark.xdist_group("machine")


def test_all_its_numbers_are_measured_and_the_clock_does_not_drift(jack: str) -> None:  # noqa: F811
    found = measure_clock("", pulses=150)
    assert tuple(found) == KEYS
    assert all(math.isfinite(value) and abs(value) < 1e4 for value in found.values())
    assert found["clock_jitter_p50_ms"] <= found["clock_jitter_p99_ms"] <= found["clock_jitter_max_ms"]
    assert abs(found["clock_drift_ms"]) < 30
    assert found["clock_thread_drift_ms"] > found["clock_drift_ms"], "who sleeps from pulse to pulse falls behind"
    assert found["clock_followed_percent"] < 5


def test_without_a_midi_system_it_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this-one")
    assert run(["bench", "clock"]) == 1
    assert capsys.readouterr().err.startswith("musegen: No MIDI system was found")
