"""What training shows of what is recalled is what generation is told."""

from __future__ import annotations

import numpy as np
import pytest

from musegen_app.encoding.note_events import NO_LENGTH, GridNotes
from musegen_app.encoding.pieces import Piece, piece_of
from musegen_app.encoding.recall import NOTHING_RECALLED, piece_recall
from musegen_app.files.midi_writer import write_midi
from musegen_app.files.notation import read_corpus as read_work
from musegen_app.generate.priming import floors_of, given_inputs, pitch_inputs
from musegen_app.training.batches import Rows, window_of
from musegen_app.training.corpus import read_corpus
from musegen_app.training.prepare import Library, prepare, sources

WORKS = ("bach/bwv66.6", "bach/bwv269", "bach/bwv57.8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, list[Piece]]:
    folder = tmp_path_factory.mktemp("chorales")
    for number, work in enumerate(WORKS):
        write_midi(read_work(work), folder / f"{number}.mid")
    corpus = read_corpus(sources(folder), folder / "corpus.npz")
    pieces = [piece_of(piece.score) for piece in corpus.pieces]
    return prepare(corpus, folder / "pieces.npz"), [piece for piece in pieces if piece is not None]


def rows_of_piece(library: Library, number: int, shift: int) -> Rows:
    first, end = library.first[number : number + 2]
    rows = Rows.blank(1, int(end - first))
    rows.row[0] = np.arange(first, end)
    rows.shift[:] = shift
    return rows


@pytest.mark.parametrize("shift", [-6, 0, 5])
def test_a_transposed_piece_recalls_what_it_would_had_it_been_written_so(
    made: tuple[Library, list[Piece]], shift: int
) -> None:
    library, pieces = made
    for number, piece in enumerate(pieces):
        window = window_of(library, rows_of_piece(library, number, shift))
        notes = piece.notes
        moved = GridNotes(notes.onset, notes.pitch + shift, notes.length, notes.velocity)
        recall = piece_recall(moved, piece.bars)
        inputs = given_inputs(moved, piece.bars, recall, has_velocity=False, style=0)
        pitches = pitch_inputs(moved, recall.lengths(), floors_of(inputs, moved))
        np.testing.assert_array_equal(window.recall_classes[0].numpy(), recall.classes)
        np.testing.assert_array_equal(window.recall_lengths[0].numpy(), pitches["recall_lengths"])
        np.testing.assert_array_equal(window.references[0].numpy(), pitches["references"])
        assert (recall.lengths() < NO_LENGTH).any()


def test_where_it_is_hidden_nothing_is_recalled(made: tuple[Library, list[Piece]]) -> None:
    library, _pieces = made
    rows = rows_of_piece(library, 0, 0)
    rows.hide_recall[:] = True
    window = window_of(library, rows)
    assert (window.recall_classes.numpy() == np.array(NOTHING_RECALLED)).all()
    assert (window.recall_lengths.numpy() == NO_LENGTH).all()
    assert (window.references[..., 2].numpy() == 128).all()
