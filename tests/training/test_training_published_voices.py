"""Chorales on the 16th grid: voices are told apart, chances sum to one, nothing of what follows is known, and it learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musegen_app.errors import FileError, TrainingError
from musegen_app.training.published.chorales import CLASSES, FILE, SILENT, VOICES, Chorales, Song, read_chorales, song_of
from musegen_app.training.published.chorales import unigram_nats as voice_unigram
from musegen_app.training.published.fitting import Fit
from musegen_app.training.published.lanes import Stretch
from musegen_app.training.published.learner import FrameNats, Recipe, mixture, per_frame
from musegen_app.training.published.results import Result, token_table
from musegen_app.training.published.voice_hearing import hear, tokens_of
from musegen_app.training.published.voice_net import VoiceNet
from musegen_app.training.published.voices import VoiceLearner

CHORDS = np.array([[72, 67, 64, 48], [71, 67, 62, 55], [72, 69, 65, 53], [74, 67, 59, 43]])


def song(seed: int, beats: int = 8) -> Song:
    """Chords of a quarter, now and then a passing note in one voice."""
    random = np.random.default_rng(seed)
    frames = np.repeat(CHORDS[random.integers(0, 4, beats)], 4, axis=0).astype(np.int16)
    for beat in np.flatnonzero(random.random(beats) < 0.3):
        frames[4 * beat + 2 : 4 * beat + 4, random.integers(0, 4)] += 2
    return frames


def small() -> Chorales:
    return Chorales([song(n) for n in range(6)], [song(7), song(8)], [song(9)])


def wild() -> VoiceNet:
    """A net whose weights are large enough for everything to matter."""
    torch.manual_seed(3)
    net = VoiceNet(hidden=8, channels=8).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return net


def nats_of(net: VoiceNet, music: Song, shift: int = 0) -> torch.Tensor:
    with torch.inference_mode():
        nats, _ = net(tokens_of([hear(music)], [Stretch(0, 0, len(music), shift)]), net.empty_state(1))
    return nats.double()


def test_pitches_of_short_frames_go_to_the_voices_that_were_near() -> None:
    found = song_of([[72, 67, 64, 48], [73.0, 62, 50], [55], [], [72, 50], [81, 70, 69, 66]])
    assert found.tolist() == [
        [72, 67, 64, 48],
        [73, SILENT, 62, 50],
        [SILENT, SILENT, SILENT, 55],
        [SILENT] * 4,
        [72, SILENT, SILENT, 50],
        [81, 70, 69, 66],
    ]


@pytest.mark.parametrize("shift", [0, -6, 5])
@pytest.mark.parametrize(("frame", "voice"), [(0, 0), (0, 3), (9, 1), (10, 2), (14, 3)])
def test_the_chances_of_all_a_voice_may_do_sum_to_one(frame: int, voice: int, shift: int) -> None:
    net, music = wild(), song(1, 4)
    music[8, 1] = SILENT
    heard = hear(music[: frame + 1])
    ways = np.repeat(heard.now[None], CLASSES, axis=0)
    ways[:, frame, voice] = np.arange(-1, CLASSES - 1)
    pieces = [replace(heard, now=way) for way in ways]
    stretches = [Stretch(number, 0, frame + 1, shift) for number in range(CLASSES)]
    with torch.inference_mode():
        nats, _ = net(tokens_of(pieces, stretches), net.empty_state(CLASSES))
    found = nats.view(CLASSES, frame + 1, VOICES)[:, frame, voice].double()
    assert float(found.std()) > 0.1, "a net to which all is equal proves nothing"
    assert float(torch.exp(-found).sum()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("frame", "voice"), [(0, 1), (6, 0), (17, 3), (30, 2)])
def test_a_token_knows_nothing_of_what_comes_after_it(frame: int, voice: int) -> None:
    net, music = wild(), song(2)
    other = music.copy()
    other[frame, voice] += 1
    changed = (nats_of(net, music) != nats_of(net, other)).flatten().numpy()
    place = frame * VOICES + voice
    assert not changed[:place].any()
    assert changed[place]
    assert changed[place + 1 :].mean() > 0.5


def learnt(path: Path, seed: int) -> FrameNats:
    recipe = Recipe(12, rate=2e-2, average=0.8, checks=1, seed=seed)
    learner = VoiceLearner(small(), recipe, hidden=16, channels=16, dropout=0.1, lanes=6, window=32)
    net = Fit(learner, path, None, lambda _: None).run()
    assert learner.mixed(net, "test") is None
    return learner.nats(net, "test")


def test_nets_learn_how_chorales_go_and_mixed_they_know_it_better(tmp_path: Path) -> None:
    one, other = learnt(tmp_path / "a.pt", 1), learnt(tmp_path / "b.pt", 2)
    both = mixture([one, other])
    assert [len(piece) for piece in both] == [VOICES * 32]
    assert per_frame(one) < per_frame(voice_unigram(small())) - 0.4
    assert per_frame(both) < (per_frame(one) + per_frame(other)) / 2
    np.testing.assert_allclose(np.exp(-both[0]), (np.exp(-one[0]) + np.exp(-other[0])) / 2)


def test_files_are_read_or_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=f"There is no {FILE}"):
        read_chorales(tmp_path)
    chords = CHORDS.tolist()
    (tmp_path / FILE).write_text(json.dumps({"train": [chords], "valid": [chords], "test": [[*chords, []]]}))
    assert len(read_chorales(tmp_path).test[0]) == 5
    (tmp_path / FILE).write_text(json.dumps({"train": [chords], "valid": [], "test": [chords]}))
    with pytest.raises(TrainingError, match="valid part"):
        read_chorales(tmp_path)
    for bad in ([[1, 2, 3, 4, 5]], [[200]], "no", [["x"]]):
        (tmp_path / FILE).write_text(json.dumps({"train": [bad], "valid": [chords], "test": [chords]}))
        with pytest.raises(FileError, match="is not a file of train, valid and test chorales"):
            read_chorales(tmp_path)


def test_rows_stand_beside_the_published_ones() -> None:
    results = [
        Result("jsb16", "unigram", 2.64, 2.6, 2.61, 0.0, 0.0, 516),
        Result("jsb16", "voices", 0.371, 0.4, 0.368, 3.0, 4.0, 1000),
        Result("jsb16", "voices, nets mixed", 0.362, 0.4, 0.358, 6.0, 8.0, 2000),
        Result("jsb", "chained", 4.6, 4.6, 4.6, 3.0, 4.0, 1000),
    ]
    lines = token_table(results).splitlines()
    assert lines[2:] == [
        "| note 1-gram | 2.640 | 2.610 |",
        "| Music Transformer | – | 0.335 |",
        "| TonicNet, a fifth of its tokens being chords | – | 0.317 |",
        "| **voice after voice, ours** | 0.371 | 0.368 |",
        "| **voice after voice, ours, three nets mixed** | 0.362 | 0.358 |",
    ]
