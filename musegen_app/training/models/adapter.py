"""A note-event network that was made before, and the little that is learnt of new pieces on top of it.

All weights stay as they were; learnt are the state before anything was heard (MIDI-RWKV, arXiv 2506.13001, tunes nothing
else), one more row of the class table for the new style, a shift for every bias (BitFit, arXiv 2106.10199) and a gain for
every unit of the linear layers (after (IA)³, arXiv 2205.05638). All of these are fp32 numbers of the int8 graph, so that an
adapted model is the same graph with other numbers, neither slower nor made smaller a second time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.func import functional_call

from musegen_app.training.models.note_events import Batch, NoteEventNet
from musegen_app.training.task import Forward

LINEAR: Final = (
    "context_sounds",
    "query",
    "pitch_head",
    "length_query",
    "length_head",
    "velocity_query",
    "velocity_head",
    "note_context",
    "onset_query",
    "onset_head",
)
"""The linear layers of the network; each gets shifts and gains."""
CLASS_TABLE: Final = "context_classes"


class AdaptedNet(nn.Module):
    """``base`` with what is learnt on top; at first it computes what ``base`` does for pieces of class ``like``.

    The new style's class is the last one. ``base`` may be on the CPU or not, and does not change.
    """

    def __init__(self, base: NoteEventNet, like: int) -> None:
        super().__init__()
        self.base = base.requires_grad_(requires_grad=False)
        style_rows = int(base.class_rows[-1])
        self.initial = nn.Parameter(base.initial.clone())
        self.style = nn.Parameter(base.context_classes.weight[style_rows + like].clone())
        self.shifts = nn.ParameterDict()
        self.gains = nn.ParameterDict()
        for name in LINEAR:
            units = getattr(base, name).out_features
            self.shifts[name] = nn.Parameter(torch.zeros(units))
            self.gains[name] = nn.Parameter(torch.zeros(units))
        for layer in range(base.size.layers):
            self.shifts[f"lstm_{layer}"] = nn.Parameter(torch.zeros(4 * base.size.hidden))

    @property
    def style_class(self) -> int:
        """The class of the style that is learnt."""
        return self.base.size.styles

    def forward(self, batch: Batch, state: Any) -> Forward:
        """A step of training; see :class:`musegen_app.training.task.Forward`."""
        answer: Forward = functional_call(self.base, self.weights(), (batch, state))
        return answer

    def weights(self) -> dict[str, Tensor]:
        """The network's weights as they stand, by the names they have in :class:`NoteEventNet`."""
        found = dict(self.base.named_parameters())
        for name in LINEAR:
            found[f"{name}.weight"] = found[f"{name}.weight"] * (1 + self.gains[name][:, None])
            found[f"{name}.bias"] = found[f"{name}.bias"] + self.shifts[name]
        for layer in range(self.base.size.layers):
            name = f"lstm.bias_ih_l{layer}"
            found[name] = found[name] + self.shifts[f"lstm_{layer}"]
        table = f"{CLASS_TABLE}.weight"
        return found | {table: torch.cat([found[table], self.style[None]]), "initial": self.initial}

    def plain(self) -> NoteEventNet:
        """An ordinary network with these weights, which knows one style more."""
        size = self.base.size
        net = NoteEventNet(replace(size, styles=size.styles + 1))
        weights = {name: tensor.detach() for name, tensor in self.weights().items()}
        net.initial.copy_(weights.pop("initial"))
        net.load_state_dict(weights)
        return net.requires_grad_(requires_grad=False).eval()
