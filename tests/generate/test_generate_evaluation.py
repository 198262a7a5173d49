"""Likelihoods are those of the network; measures and comparisons count what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from musegen_app.encoding.note_events import LENGTHS, ONSETS
from musegen_app.encoding.pieces import piece_of
from musegen_app.errors import ModelError
from musegen_app.generate import GeneratedNote
from musegen_app.generate.benchmark import measure as measure_speed
from musegen_app.generate.comparison import compare, means, passage_of
from musegen_app.generate.evaluation import evaluate, score_notes
from musegen_app.generate.measures import is_loop, measure, out_of_scale, returning, scale_consistency
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.score import EMPTY, Key, Metre, Note, NoteTable, Score, Timeline, Track

QUARTER = 960


def score(notes: list[Note], channel: int = 0) -> Score:
    return Score((Track(1, channel=channel, notes=NoteTable.of(notes)),))


def scale_up(count: int, step: int = QUARTER) -> list[Note]:
    steps = (0, 2, 4, 5, 7, 9, 11)
    return [Note(n * step, step, 48 + 12 * (n // 7 % 4) + steps[n % 7], 40 + 5 * (n % 12)) for n in range(count)]


def test_each_note_costs_what_the_network_says(tiny: NoteEventGenerator) -> None:
    import torch
    from tiny import tiny_net

    from musegen_app.encoding.anticipation import KNOWN_CLASSES, KNOWN_WIDTH
    from musegen_app.encoding.recall import piece_recall, recalled_next
    from musegen_app.generate.priming import given_inputs
    from musegen_app.training.models.note_events import Window

    made = piece_of(score(scale_up(40)))
    assert made is not None
    costs = score_notes(tiny.session, [made], 1)[0]
    recall = piece_recall(made.notes, made.bars)
    rows = given_inputs(made.notes, made.bars, recall, has_velocity=True, style=1)
    tensors = {name: torch.from_numpy(rows[name]) for name in ("classes", "sounds")}
    pitch, length, velocity = torch.from_numpy(rows["given"])
    onset = torch.cat([tensors["classes"][1:, :, 7], torch.zeros(1, 1, dtype=torch.int64)])
    floor, weight = torch.full_like(pitch, -1), torch.ones(pitch.shape)
    net = tiny_net()
    with torch.inference_mode():
        fields = {"pitch": pitch, "length": length, "velocity": velocity, "onset": onset, "floor": floor, "weight": weight}
        fields["known_classes"] = torch.zeros((*pitch.shape, KNOWN_CLASSES), dtype=torch.int64)
        fields["known_sounds"] = torch.zeros((*pitch.shape, KNOWN_WIDTH))
        last = torch.cat([torch.full((2, 1), 128), pitch[:-1]])[1:]  # a line: the last note is the lowest of its chord
        lengths = torch.from_numpy(recall.lengths())[:, None]
        following = torch.from_numpy(recalled_next(recall.lengths(), floor[:, 0].numpy()))[:, None]
        fields["references"] = torch.stack([last, last, following], dim=-1)
        fields |= {"recall_classes": torch.from_numpy(rows["recall_classes"]), "recall_lengths": lengths}
        nats, _ = net.nats(Window(**tensors, **fields), net.empty_state(1))
    wanted = np.stack([nats.onset[:-1, 0], nats.pitch[1:, 0], nats.length[1:, 0], nats.velocity[1:, 0]], axis=1)
    np.testing.assert_allclose(costs, wanted, atol=0.15)  # int8 weights of a net of sixteen units
    np.testing.assert_allclose(costs.mean(axis=0), wanted.mean(axis=0), atol=0.03)


def test_pieces_side_by_side_cost_what_they_cost_alone(tiny: NoteEventGenerator) -> None:
    scores = [score(scale_up(count, step)) for count, step in ((50, 480), (20, 960), (33, 240))]
    together = evaluate(tiny, scores, "song")
    alone = [evaluate(tiny, [one], "song") for one in scores]
    assert together.notes == 103
    mean = sum(part.nats_per_note * part.notes for part in alone) / 103
    assert together.nats_per_note == pytest.approx(mean, abs=0.02)


def test_a_bucket_costs_the_choice_within_it(tiny: NoteEventGenerator) -> None:
    exact, bucket = (score([Note(0, length, 60), Note(QUARTER * 8, length, 62)]) for length in (96 * 40, 100 * 40))
    made = [piece_of(one) for one in (exact, bucket)]
    costs = [score_notes(tiny.session, [piece], 0)[0] for piece in made if piece is not None]
    widths = [LENGTHS.log_width[LENGTHS.classes(length)] for length in (96, 100)]
    assert widths == [0, pytest.approx(np.log(12))]
    assert costs[1][0, 2] > np.log(12)
    assert costs[0][1, 0] > ONSETS.log_width[ONSETS.classes(192)]


def test_flat_velocities_cost_nothing(tiny: NoteEventGenerator) -> None:
    flat = score([Note(n.start, n.length, n.pitch, 80) for n in scale_up(30)])
    assert evaluate(tiny, [flat]).nats_velocity == 0
    assert evaluate(tiny, [score(scale_up(30))]).nats_velocity > 1


def test_without_notes_there_is_nothing_to_measure(tiny: NoteEventGenerator) -> None:
    found = evaluate(tiny, [Score(()), score([Note(0, 10, 36)], channel=9)])
    assert (found.notes, found.nats_per_note) == (0, 0)


def test_an_unknown_style_is_one_sentence(tiny: NoteEventGenerator) -> None:
    with pytest.raises(ModelError, match="polka"):
        evaluate(tiny, [score(scale_up(5))], "polka")


def test_other_families_have_no_likelihoods() -> None:
    class Other:
        name = "other"

        def generate(self, *_: object) -> Iterator[GeneratedNote]:
            yield from ()

    with pytest.raises(ModelError, match='"other" cannot say'):
        evaluate(Other(), [])
    with pytest.raises(ModelError, match='"other" cannot be measured'):
        measure_speed(Other())


def test_measures_of_a_scale() -> None:
    table = NoteTable.of(scale_up(28))
    found = measure(table, Timeline(), (0, 7 * 3840))
    assert found.scale_consistency == 1
    assert found.pitch_class_entropy == pytest.approx(np.log2(7))
    assert found.notes_per_bar == 4
    assert found.mean_length == 1
    assert out_of_scale(table, Key(0, "major")) == 0
    assert out_of_scale(table, Key(1, "major")) == 20
    chromatic = NoteTable.of(Note(n * 10, 10, 60 + n) for n in range(12))
    assert scale_consistency(chromatic) == pytest.approx(7 / 12)
    assert measure(EMPTY, Timeline(), (0, 3840)).notes_per_bar == 0


def test_a_loop_is_half_a_span_of_one_period() -> None:
    period = [Note(beat * QUARTER, QUARTER, 60 + beat) for beat in range(4)]
    bars = [Note(bar * 3840 + n.start, n.length, n.pitch) for bar in range(8) for n in period]
    span = (0, 8 * 3840)
    assert is_loop(NoteTable.of(bars), Timeline(), span)
    broken = [*bars[:-5], Note(7 * 3840 - 480, 480, 71), *bars[-4:]]
    assert not is_loop(NoteTable.of(broken), Timeline(), span)
    assert not is_loop(NoteTable.of(bars[:12]), Timeline(), (0, 3 * 3840))


def test_a_bar_returns_where_seven_of_ten_of_its_strokes_are_those_of_an_earlier_one() -> None:
    def bar(number: int, pitches: Iterable[int]) -> list[Note]:
        return [Note(number * 3840 + beat * QUARTER, QUARTER, pitch) for beat, pitch in enumerate(pitches)]

    seed = NoteTable.of([*bar(0, (60, 62, 64, 65)), *bar(1, (67, 69, 71, 72))])
    span = (2 * 3840, 6 * 3840)
    same, like, other = bar(2, (60, 62, 64, 65)), bar(3, (67, 69, 71, 50)), bar(4, (40, 41, 42, 43))
    made = NoteTable.of([*same, *like, *other, *bar(5, (40, 41, 42, 43)), *bar(5, (30,))])
    assert returning(made, Timeline(), span, seed) == pytest.approx(2 / 4)  # three of five are too few, four of five are not
    assert returning(made, Timeline(), span) == pytest.approx(1 / 4)
    assert measure(made, Timeline(), span, seed).returning == pytest.approx(2 / 4)
    assert returning(EMPTY, Timeline(), span, seed) == 0
    moved = NoteTable.of(Note(n.start + QUARTER, n.length, n.pitch) for n in same[:3])
    assert returning(moved, Timeline(), span, seed) == 0


def test_a_passage_is_cut_at_bar_lines() -> None:
    piece = Score((Track(1, notes=NoteTable.of(scale_up(100))),), Timeline.made(metres=(Metre(0, 3, 4),)))
    passage = passage_of(piece, 8)
    assert passage is not None
    assert passage.span == (8 * 2880, 16 * 2880)
    assert (len(passage.seed), len(passage.real)) == (24, 24)
    assert passage_of(score(scale_up(10)), 8) is None
    assert passage_of(Score(()), 8) is None


def test_comparing_locks_every_second_seed_to_its_key(tiny: NoteEventGenerator) -> None:
    passage = passage_of(score(scale_up(100)), 4)
    assert passage is not None
    outcomes = compare(tiny, [passage] * 6, 4)
    assert [outcome.is_locked for outcome in outcomes] == [False, True] * 3
    assert sum(outcome.outside for outcome in outcomes) == 0
    assert not any(outcome.is_short or outcome.notes == 0 for outcome in outcomes)
    assert means(outcome.real for outcome in outcomes)["scale_consistency"] == 1


def test_speed_is_measured_in_four_numbers(tiny: NoteEventGenerator) -> None:
    found = measure_speed(tiny)
    assert set(found) == {"notes_per_s", "takes8_over_1", "first_note_ms", "speedup_vs_window"}
    assert all(value > 0 for value in found.values())
