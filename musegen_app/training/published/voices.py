"""The net of the chorales at work: windows of many pieces side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import torch
from torch import Tensor

from musegen_app.training.published.chorales import VOICES, Chorales
from musegen_app.training.published.independent import carried
from musegen_app.training.published.lanes import SHIFTS, endless, in_order
from musegen_app.training.published.learner import FrameNats, Part, Recipe
from musegen_app.training.published.voice_hearing import HeardSong, hear, tokens_of
from musegen_app.training.published.voice_net import VoiceNet

_EVALUATED: Final = 16, 128


@dataclass
class VoiceLearner:
    """Windows of ``window`` frames of ``lanes`` pieces, each transposed by chance.

    What the contract calls a frame is a token here: one voice in one frame, repeated notes and silence included.
    """

    chorales: Chorales
    recipe: Recipe
    hidden: int = 128
    channels: int = 512
    dropout: float = 0.5
    lanes: int = 8
    window: int = 64
    train_frames: int = field(init=False)

    def __post_init__(self) -> None:
        self.train_frames = VOICES * sum(map(len, self.chorales.train))

    def network(self) -> VoiceNet:
        """A fresh net."""
        return VoiceNet(self.hidden, self.channels, self.dropout)

    @cached_property
    def _train(self) -> list[HeardSong]:
        return [hear(song) for song in self.chorales.train if len(song)]

    @cached_property
    def _valid(self) -> list[HeardSong]:
        return [hear(song) for song in self.chorales.valid]

    @cached_property
    def _test(self) -> list[HeardSong]:
        return [hear(song) for song in self.chorales.test]

    def losses(self, net: VoiceNet, seed: int) -> Iterator[tuple[Tensor, int]]:
        """The mean nats of the next windows' tokens."""
        torch.manual_seed(seed)
        state = net.empty_state(self.lanes)
        lengths = [piece.frames for piece in self._train]
        for stretches in endless(lengths, self.lanes, self.window, SHIFTS, np.random.default_rng(seed)):
            goes_on = torch.tensor([float(stretch.start > 0) for stretch in stretches])[None, :, None]
            nats, after = net(tokens_of(self._train, stretches), (state[0] * goes_on, state[1] * goes_on))
            yield nats.mean(), nats.numel()
            state = after[0].detach(), after[1].detach()

    def nats(self, net: VoiceNet, part: Part) -> FrameNats:
        """Each piece from silence to its end, as it is written: frame by frame, in it from the highest voice down."""
        pieces = self._valid if part == "valid" else self._test
        answers = [np.zeros((piece.frames, VOICES)) for piece in pieces]
        state = net.empty_state(0)
        with torch.inference_mode():
            for stretches in in_order([piece.frames for piece in pieces], *_EVALUATED, 0):
                state = carried(net.empty_state(len(stretches)) if stretches[0].start == 0 else state, len(stretches))
                nats, state = net(tokens_of(pieces, stretches), state)
                costs = nats.double().numpy()
                for stretch in stretches:
                    count = stretch.end - stretch.start
                    answers[stretch.piece][stretch.start : stretch.end] = costs[:count]
                    costs = costs[count:]
        return [answer.ravel() for answer in answers]

    def mixed(self, net: VoiceNet, part: Part) -> FrameNats | None:  # noqa: ARG002 - the contract's
        """None: the net hears a transposed piece as it hears it untransposed."""
        return None
