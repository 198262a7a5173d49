"""Half an hour at the desk (``make soak``): play, continue, accept, undo, over and over, and nothing grows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import Queue
from statistics import median

import pytest
from drawn_takes import add_ghosts, begin_take
from soak_memory import private_bytes

from musegen_app.editor.document import Document
from musegen_app.files import read_midi
from musegen_app.generate import GenerateRequest, find, load
from musegen_app.jobs import Failed, Finished, GenerationWorker, JobEvent
from musegen_app.playback.client import Player
from musegen_app.score import Score

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "resources" / "seeds" / "nocturne.mid"
MOST_GROWTH = 1.02

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


@pytest.fixture
def events() -> Queue[JobEvent]:
    return Queue()


@pytest.fixture
def worker(events: Queue[JobEvent]) -> Iterator[GenerationWorker]:
    with closing(GenerationWorker(lambda name: load(find(name, (ROOT / "models",))), events.put)) as made:
        yield made


@pytest.fixture
def player() -> Iterator[Player]:
    with closing(Player()) as made:
        yield made


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def finished(events: Queue[JobEvent]) -> Finished:
    while True:
        event = events.get(timeout=120)
        assert not isinstance(event, Failed), event
        if isinstance(event, Finished):
            return event


def one_round(number: int, seed: Score, worker: GenerationWorker, events: Queue[JobEvent], player: Player) -> None:
    """Open the seed, continue it while it plays, keep the take, take it back and forth."""
    document = Document(seed)
    request = GenerateRequest(document.seed_notes(), seed.timeline, bars=4, seed_number=number, id=number)
    begin_take(document, request)
    player.play(document.heard_score(), 0)
    worker.submit(request)
    add_ghosts(document, [made.note for made in finished(events).notes])
    player.update(document.heard_score())
    assert document.accept_take()
    after = document.score.note_count
    document.undo()
    assert document.score.note_count == seed.note_count
    document.redo()
    assert document.score.note_count == after > seed.note_count
    player.poll()
    player.stop()


def test_a_long_session_grows_nowhere(worker: GenerationWorker, events: Queue[JobEvent], player: Player) -> None:
    length_s = float(os.environ.get("MUSEGEN_SOAK_MINUTES", "30")) * 60
    seed = read_midi(SEED).score
    memory: list[int] = []
    began, rounds = time.monotonic(), 0
    one_round(0, seed, worker, events, player)
    threads, files = threading.active_count(), open_files()
    while (passed := time.monotonic() - began) < length_s:
        rounds += 1
        one_round(rounds, seed, worker, events, player)
        if passed > length_s / 5:  # caches have filled by then
            memory.append(private_bytes())
    fifth = max(len(memory) // 5, 1)
    before, after = median(memory[:fifth]), median(memory[-fifth:])
    assert after <= before * MOST_GROWTH, f"{before / 1e6:.1f} MB grew to {after / 1e6:.1f} MB in {rounds} rounds"
    assert threading.active_count() <= threads
    assert open_files() <= files
