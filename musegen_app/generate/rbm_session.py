"""A Boltzmann machine's graph in ONNX Runtime: one Gibbs step a call for all takes at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.encoding.state_window import HELD, REST, STRUCK, States, bits_of, states_from_bits
from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.session import load_graph

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats32 = npt.NDArray[np.float32]
_OUTPUTS: Final = ["next_visible", "free_energy", "logits"]


@dataclass(frozen=True, slots=True)
class Windows:
    """Visible layers: ``layer`` float32 (takes, steps, 2, 78), planes "held" and "struck"; ``place`` int64 (takes,)."""

    layer: Floats32
    place: Ints

    @classmethod
    def of(cls, states: States, place: Ints, *, as_bits: bool) -> Windows:
        """The layers of states, uint8 (takes, steps, 78); ``as_bits`` as the published machine sees them."""
        if as_bits:
            return cls(np.stack([bits_of(window) for window in states]).astype(np.float32), place)
        return cls(np.stack([states == HELD, states == STRUCK], axis=2).astype(np.float32), place)

    def states(self, *, as_bits: bool) -> States:
        """The states that these layers stand for: uint8 (takes, steps, 78)."""
        planes = self.layer > 0
        if as_bits:
            return np.stack([states_from_bits(window) for window in planes])
        return np.where(planes[:, :, 1], STRUCK, np.where(planes[:, :, 0], HELD, REST)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Step:
    """What a Gibbs step answers.

    ``windows`` were drawn; ``free_energy`` float32 (takes,) in nats is that of the windows that went in; ``logits`` float32
    like the layer are the log-odds of held and struck against rest given the hidden units that were drawn.
    """

    windows: Windows
    free_energy: Floats32
    logits: Floats32


class GibbsSession:
    """The graph of a manifest, loaded. One thread at a time.

    Raises:
        ModelError: the graph cannot be loaded, or the manifest does not tell its sizes.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._name = manifest.name
        self.steps, self.hidden, self.pitches = (self._size(manifest, key) for key in ("steps", "hidden", "pitches"))
        self.as_bits = manifest.settings.get("as_published") is True
        self.uniforms = self.hidden + self.steps * self.pitches * (2 if self.as_bits else 1)
        self._run = load_graph(manifest).run

    def _size(self, manifest: Manifest, key: str) -> int:
        value = manifest.settings.get(key)
        if not isinstance(value, int):
            raise ModelError(f'Model "{manifest.name}" cannot be used: its settings do not tell "{key}".', manifest.name)
        return value

    def step(self, windows: Windows, clamped: Bits, allowed: Bits, uniforms: Floats32, temperature: Floats32) -> Step:
        """One Gibbs step.

        Args:
            windows: where the chains stand.
            clamped: bool (takes, steps, 78), units that stay as they are.
            allowed: bool (takes, steps, 2, 78), which of held and struck the others may become.
            uniforms: float32 (takes, ``self.uniforms``) in (0, 1).
            temperature: float32 (takes, 1).

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        inputs: dict[str, npt.NDArray[Any]] = {
            "visible": windows.layer,
            "place": windows.place,
            "clamped": clamped,
            "allowed": allowed,
            "temperature": temperature,
            "uniforms": uniforms,
        }
        try:
            layer, free_energy, logits = self._run(_OUTPUTS, inputs)
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._name}" failed while drawing notes.', self._name) from error
        return Step(Windows(layer, windows.place), free_energy, logits)

    def free_energy(self, windows: Windows) -> Floats32:
        """Free energy of windows in nats: float32 (takes,)."""
        takes = len(windows.place)
        clamped = np.ones((takes, self.steps, self.pitches), dtype=np.bool_)
        allowed = np.ones(windows.layer.shape, dtype=np.bool_)
        half = np.full((takes, self.uniforms), 0.5, dtype=np.float32)
        return self.step(windows, clamped, allowed, half, np.ones((takes, 1), dtype=np.float32)).free_energy
