"""The reader over the collection of music beside the checkout: sound files, and the same files broken."""

from __future__ import annotations

import csv
import random
import time
from collections import defaultdict
from functools import cache
from pathlib import Path

import mido
import pytest

from musegen_app.errors import FileError
from musegen_app.files import read_midi, read_midi_bytes, write_midi_bytes

pytestmark = pytest.mark.data

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SOUND_FILES = 500
BROKEN_FILES = 200
LONGEST_S = 10.0
"""Far above what any file takes (the largest 0.3 s): only what hangs comes near."""


@cache
def index() -> dict[str, list[dict[str, str]]]:
    """Rows of the collection's index, by set."""
    sets: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            sets[row["set"]].append(row)
    return dict(sets)


def drawn(count: int, seed: int) -> list[dict[str, str]]:
    """Files spread evenly over the sets."""
    dice = random.Random(seed)
    share = -(-count // len(index()))
    rows = [row for rows in index().values() for row in dice.sample(rows, min(share, len(rows)))]
    dice.shuffle(rows)
    return rows[:count]


def test_files_of_every_set_are_read_with_all_their_notes() -> None:
    """A note is missing only where the repairs say so; two rows of the index count otherwise than mido does."""
    miscounted = {"mutopia/0554.mid", "groove/0137.mid"}
    rows = [row for row in drawn(SOUND_FILES, seed=1) if row["file"] not in miscounted]
    assert len(rows) >= SOUND_FILES - len(miscounted)
    for row in rows:
        read = read_midi(DATA / row["file"])
        lost = int(row["notes"]) - read.score.note_count
        told = sum(_count(sentence) for sentence in read.repairs if "doubled by" in sentence)
        assert lost == told, f"{row['file']}: {lost} notes are missing, {told} were told"
        assert not any("damaged" in sentence or "breaks off" in sentence for sentence in read.repairs), row["file"]


def _count(sentence: str) -> int:
    number = sentence.split(maxsplit=1)[0].replace(",", "")
    return int(number) if number.isdigit() else 1


def test_notes_are_where_mido_finds_them() -> None:
    for row in drawn(40, seed=2):
        path = DATA / row["file"]
        file = mido.MidiFile(path, clip=True)
        expected = set()
        for track in file.tracks:
            now = 0
            for message in track:
                now += message.time
                if message.type == "note_on" and message.velocity:
                    start = (2 * now * 960 + file.ticks_per_beat) // (2 * file.ticks_per_beat)
                    expected.add((message.channel, start, message.note))
        found = {(t.channel, n.start, n.pitch) for t in read_midi(path).score.tracks for n in t.notes}
        assert found == expected, row["file"]


def test_what_is_written_of_them_reads_the_same() -> None:
    for row in drawn(60, seed=3):
        read = read_midi(DATA / row["file"])
        again = read_midi_bytes(write_midi_bytes(read.score, key=read.key, markers=read.markers))
        assert again.score == read.score, row["file"]
        assert again.repairs == ()
        assert (again.key, again.markers) == (read.key, read.markers)


def broken(data: bytes, dice: random.Random) -> bytes:
    """The file cut off, with bits flipped, or with a piece missing, doubled or overwritten."""
    changed = bytearray(data)
    at = dice.randrange(len(changed))
    kind = dice.choice(["truncate", "flip", "flips", "header", "zeros", "noise", "cut", "double"])
    if kind == "truncate":
        del changed[at:]
    elif kind == "header":
        changed[dice.randrange(min(24, len(changed)))] = dice.randrange(256)
    elif kind in {"flip", "flips"}:
        for _ in range(1 if kind == "flip" else 20):
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del changed[at : at + dice.randrange(1, 100)]
    else:
        size = len(changed[at : at + 64])
        piece = {"zeros": bytes(size), "noise": dice.randbytes(size), "double": bytes(changed[at : at + size]) * 2}[kind]
        changed[at : at + size] = piece
    return bytes(changed)


@pytest.mark.timeout(300)
def test_broken_files_give_a_repaired_score_or_a_sentence() -> None:
    dice = random.Random(4)
    repaired = 0
    for row in drawn(BROKEN_FILES, seed=4):
        data = broken((DATA / row["file"]).read_bytes(), dice)
        began = time.monotonic()
        try:
            read = read_midi_bytes(data, "broken.mid")
            assert all(sentence.endswith(".") for sentence in read.repairs)
            assert read_midi_bytes(write_midi_bytes(read.score)).score.note_count == read.score.note_count
            repaired += 1
        except FileError as error:
            assert str(error) in {
                "broken.mid is damaged: no notes could be read from it.",
                "broken.mid is not a MIDI file.",
                "broken.mid is empty.",
            }
        assert time.monotonic() - began < LONGEST_S, f"{row['file']} broken took too long"
    assert repaired > 0.8 * BROKEN_FILES
