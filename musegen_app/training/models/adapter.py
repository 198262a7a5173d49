"""A note-event network that was made before, and the little that is learnt of new pieces on top of it.

Its weights stay as they were. Learnt are the state before anything was heard (MIDI-RWKV, arXiv 2506.13001, tunes nothing
else), a row of the class table for the new style, a shift for every bias (BitFit, arXiv 2106.10199), a gain for every
unit of the linear layers (after (IA)³, arXiv 2205.05638) and a change of low rank of the heads and the LSTM (LoRA, arXiv
2106.09685). All of it merges into the weights, so that an adapted model is as fast as the one it came from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.func import functional_call

from musegen_app.training.models.note_events import Batch, NoteEventNet
from musegen_app.training.task import Forward

_LINEAR: Final = (
    "context_sounds",
    "query",
    "pitch_head",
    "recall_gate",
    "length_query",
    "length_head",
    "length_gate",
    "velocity_query",
    "velocity_head",
    "note_context",
    "onset_query",
    "onset_head",
    "onset_gate",
)
_BENT: Final = ("query", "pitch_head", "length_query", "length_head", "note_context", "onset_query", "onset_head")
_RANK: Final = 8
OWN_STYLE: Final = 1
"""Class of the style that is learnt; 0 is "unknown", as in any model."""


class AdaptedNet(nn.Module):
    """``base`` with what is learnt on top; at first it computes what ``base`` does for pieces of style class ``like``.

    It knows one style, :data:`OWN_STYLE`: those of ``base`` are foreseen worse the more is learnt, and ``base``, which does
    not change, is still there for them.
    """

    def __init__(self, base: NoteEventNet, like: int) -> None:
        super().__init__()
        self.base = base.requires_grad_(requires_grad=False)
        style_rows = int(base.class_rows[-1])
        self.initial = nn.Parameter(base.initial.clone())
        self.style = nn.Parameter(base.context_classes.weight[style_rows + like].clone())
        self.shifts, self.gains = nn.ParameterDict(), nn.ParameterDict()
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for name in _LINEAR:
            units = getattr(base, name).out_features
            self.shifts[name] = nn.Parameter(torch.zeros(units))
            self.gains[name] = nn.Parameter(torch.zeros(units))
        for layer in range(base.size.layers):
            self.shifts[f"lstm_{layer}"] = nn.Parameter(torch.zeros(4 * base.size.hidden))
        for name, weight in self._bent().items():
            units, inputs = weight.shape
            self.down[_key(name)] = nn.Parameter(torch.randn(_RANK, inputs) / inputs**0.5)
            self.up[_key(name)] = nn.Parameter(torch.zeros(units, _RANK))

    def _bent(self) -> dict[str, Tensor]:
        """The weights that get a change of low rank."""
        base = self.base
        recurrent = [f"lstm.weight_{kind}_l{layer}" for layer in range(base.size.layers) for kind in ("ih", "hh")]
        return {name: base.get_parameter(name) for name in (*(f"{name}.weight" for name in _BENT), *recurrent)}

    def forward(self, batch: Batch, state: Any) -> Forward:
        """A step of training; see :class:`musegen_app.training.task.Forward`."""
        answer: Forward = functional_call(self.base, self.weights(), (batch, state))
        return answer

    def weights(self) -> dict[str, Tensor]:
        """The network's weights as they stand, by the names they have in :class:`NoteEventNet`."""
        found = dict(self.base.named_parameters())
        for name in self._bent():
            found[name] = found[name] + self.up[_key(name)] @ self.down[_key(name)]
        for name in _LINEAR:
            found[f"{name}.weight"] = found[f"{name}.weight"] * (1 + self.gains[name][:, None])
            found[f"{name}.bias"] = found[f"{name}.bias"] + self.shifts[name]
        for layer in range(self.base.size.layers):
            name = f"lstm.bias_ih_l{layer}"
            found[name] = found[name] + self.shifts[f"lstm_{layer}"]
        table = "context_classes.weight"
        kept = found[table][: int(self.base.class_rows[-1]) + OWN_STYLE]
        return found | {table: torch.cat([kept, self.style[None]]), "initial": self.initial}

    def plain(self) -> NoteEventNet:
        """An ordinary network with these weights, which knows one style."""
        net = NoteEventNet(replace(self.base.size, styles=OWN_STYLE + 1))
        weights = {name: tensor.detach() for name, tensor in self.weights().items()}
        net.initial.copy_(weights.pop("initial"))
        net.load_state_dict(weights)
        return net.requires_grad_(requires_grad=False).eval()


def _key(name: str) -> str:
    return name.replace(".", "_")
