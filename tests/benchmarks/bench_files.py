"""Reading and writing keep pace with long files: measured against mido, which reads and writes the same."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from musegen_app.files import Project, read_midi_bytes, read_project, write_midi_bytes, write_project
from musegen_app.score import NoteTable, Score, Track
from musegen_app.score.transforms import without_overlaps

NOTES = 100_000


def big_score() -> Score:
    random = np.random.default_rng(1)
    table = NoteTable.from_columns(
        np.arange(NOTES) * 60,
        random.integers(1, 1000, NOTES),
        random.integers(0, 128, NOTES),
        random.integers(1, 128, NOTES),
    )
    table = without_overlaps(table).numbered(1)
    return Score((Track(1, "Big", notes=table),), next_id=len(table) + 1)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_reading_is_faster_than_mido(benchmark: BenchmarkFixture) -> None:
    score = big_score()
    data = write_midi_bytes(score)
    assert benchmark(read_midi_bytes, data).score == score
    assert seconds_of(lambda: mido.MidiFile(file=io.BytesIO(data))) > 2 * seconds_of(lambda: read_midi_bytes(data))


def test_writing_is_faster_than_mido(benchmark: BenchmarkFixture) -> None:
    score = big_score()
    data = benchmark(write_midi_bytes, score)
    file = mido.MidiFile(file=io.BytesIO(data))
    assert seconds_of(lambda: file.save(file=io.BytesIO())) > seconds_of(lambda: write_midi_bytes(score))


def test_saving_and_opening_a_project(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    project = Project(big_score())

    def save_and_open() -> Project:
        write_project(project, tmp_path / "big.musegen")
        return read_project(tmp_path / "big.musegen")

    assert benchmark(save_and_open) == project
