"""``musegen bench``: numbers are measured when asked for, and a part that cannot run says so."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from terminal import Musegen, Refused

from musegen_app.cli import measures, timing
from musegen_app.errors import ModelError

PROMISED = {
    "notes_per_s",
    "takes8_over_1",
    "first_note_ms",
    "cancel_ms",
    "startup_ms",
    "frame_ms_10k",
    "frame_ms_100k",
    "speedup_vs_window",
}


def test_the_promised_numbers_are_known() -> None:
    assert set(measures.NUMBERS) >= PROMISED


def test_only_what_was_asked_for_is_measured(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def measure(model: str) -> dict[str, float]:
        asked.append(model)
        return {"cancel_ms": 1.23456, "notes_per_s": 4000.0}

    def never(model: str) -> dict[str, float]:
        raise AssertionError

    for name in measures.NUMBERS:
        monkeypatch.setitem(measures.NUMBERS, name, never)
    monkeypatch.setitem(measures.NUMBERS, "cancel_ms", measure)
    monkeypatch.setitem(measures.NUMBERS, "notes_per_s", measure)
    answer = musegen("bench", "cancel_ms", "notes_per_s", "--json", "--model", "mine")
    assert (answer.code, answer.json) == (0, {"cancel_ms": 1.235, "notes_per_s": 4000.0})
    assert asked == ["mine"]
    assert musegen("bench", "cancel_ms").out.split() == ["cancel_ms", "1.235"]


def test_a_part_that_cannot_run_says_so_and_the_rest_is_measured(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: str) -> dict[str, float]:
        raise ModelError("The model is damaged.")

    monkeypatch.setitem(measures.NUMBERS, "notes_per_s", broken)
    monkeypatch.setitem(measures.NUMBERS, "startup_ms", lambda _: {"startup_ms": 900.0})
    answer = musegen("bench", "notes_per_s", "startup_ms", "--json")
    assert (answer.code, answer.json) == (1, {"startup_ms": 900.0})
    assert answer.err == "musegen: The model is damaged.\n"


def test_unknown_numbers_are_refused(refused: Refused) -> None:
    assert "Nothing called beauty, charm is measured; there are: notes_per_s" in refused("bench", "beauty", "charm")


def test_a_window_that_does_not_answer_costs_a_sentence_with_the_reason(
    musegen: Musegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead() -> list[str]:
        return [sys.executable, "-c", "import sys; sys.exit('musegen: A part of Qt is missing.')"]

    monkeypatch.setattr(measures, "own_command", dead)
    for name in ("startup_ms", "frame_ms_10k"):
        answer = musegen("bench", name)
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
        assert "did not answer: A part of Qt is missing." in answer.err


@pytest.mark.usefixtures("scale_model")
def test_a_model_that_ends_before_the_cancel_is_no_measurement(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    long_request = measures.long_request
    monkeypatch.setattr(measures, "long_request", lambda *given: replace(long_request(*given), bars=1))
    answer = musegen("bench", "cancel_ms")
    assert answer.code == 1
    assert "Cancelling could not be measured" in answer.err


def test_the_program_finds_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measures.own_command() == [sys.executable, "-m", "musegen_app"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert measures.own_command() == [sys.executable]


def test_json_keeps_the_order_asked_for(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROMISED:
        monkeypatch.setitem(measures.NUMBERS, name, lambda _: dict.fromkeys(PROMISED, 1.0))
    assert list(json.loads(musegen("bench", "startup_ms", "cancel_ms", "--json").out)) == ["startup_ms", "cancel_ms"]


def test_the_lateness_of_playback_is_measured_beside_its_peers(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that wakes early and waits out the rest sends within a microsecond, which rounds to no lateness at all."""
    measured: list[Sequence[float]] = []
    summary_ms = timing.summary_ms
    monkeypatch.setattr(timing, "summary_ms", lambda late_s: (measured.append(late_s), summary_ms(late_s))[1])
    answer = musegen("bench", "playback", "--events", "96", "--json")
    assert answer.code == 0
    own = [f"lateness_{figure}_ms_{way}" for way in ("realtime", "plain") for figure in ("p50", "p99", "max")]
    assert list(answer.json) == [*own, "mido_p99_ms", "thread_p99_ms"]
    for way in ("realtime", "plain"):
        p50, p99, most = (answer.json[f"lateness_{figure}_ms_{way}"] for figure in ("p50", "p99", "max"))
        assert 0 <= p50 <= p99 <= most
    realtime, plain, mido, thread = measured
    assert all(0 < len(late_s) <= 96 and min(late_s) >= 0 for late_s in (realtime, plain))
    assert len(mido) == len(thread) == 96
    assert all(len(set(late_s)) > 1 for late_s in measured), "no clock is that even"


@pytest.mark.parametrize("events", ["9", "1000001", "many"])
def test_a_count_of_events_out_of_reason_is_refused(refused: Refused, events: str) -> None:
    assert events in refused("bench", "playback", "--events", events)


def test_a_desk_that_does_not_answer_costs_a_sentence(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> list[str]:
        return [sys.executable, "-c", "import sys; sys.exit('musegen: A part of Qt is missing.')"]

    monkeypatch.setattr(timing, "own_command", dead)
    answer = musegen("bench", "playback", "--events", "96")
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "did not answer: A part of Qt is missing." in answer.err


def test_playback_is_not_measured_unasked(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in measures.NUMBERS:
        monkeypatch.setitem(measures.NUMBERS, name, lambda _: dict.fromkeys(measures.NUMBERS, 1.0))
    assert set(musegen("bench", "--json").json) == set(measures.NUMBERS)
