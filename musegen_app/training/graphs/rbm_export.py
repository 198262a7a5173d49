"""The Boltzmann machine's export: its graph, quantised, and checked against PyTorch on real windows."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch

from musegen_app.encoding.columns import COLUMNS_A_QUARTER
from musegen_app.errors import TrainingError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.rbm_session import GibbsSession, Windows
from musegen_app.training.export import described, put, quantised
from musegen_app.training.graphs.rbm import gibbs_graph
from musegen_app.training.models.rbm import BoltzmannNet, Partition, Visible
from musegen_app.training.task import Check

FAMILY: Final = "rbm"
_LARGEST_DIFFERENCE: Final = 1e-3


def export(net: BoltzmannNet, manifest: Manifest, windows: Visible, partition: Partition) -> tuple[Manifest, Check]:
    """Write the graph and manifest of ``net`` into ``manifest.path``, checked on ``windows``.

    ``partition`` goes into the settings, so that the graph's free energy tells how likely music is. The mended machine's
    weights become int8, those as published stay as they are.

    Raises:
        TrainingError: the exported graph does not compute what PyTorch computes.
        ModelError: the folder cannot be written.
    """
    net = net.cpu().eval()
    graph = gibbs_graph(net)
    settings: dict[str, object] = {
        **net.size.as_dict(),
        "as_published": net.size.is_published,
        "log_z": partition.log_z,
        "log_z_spread": partition.spread,
    }
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "fp32.onnx"
        onnx.save(graph, exact)
        made = replace(described(manifest, graph, settings), family=FAMILY, grid=COLUMNS_A_QUARTER)
        wanted = exact if net.size.is_published else quantised(exact)
        check = _check(net, made, exact, wanted, windows)
        return put(made, wanted), check


def _check(net: BoltzmannNet, manifest: Manifest, exact: Path, small: Path, windows: Visible) -> Check:
    with torch.inference_mode():
        expected = net.free_energy(windows).double().numpy()
    found = [_energies(replace(manifest, path=path.parent, graph=path.name), windows) for path in (exact, small)]
    steps = net.size.steps
    largest = float(np.abs(found[0] - expected).max()) / steps
    if not largest < _LARGEST_DIFFERENCE:
        raise TrainingError(f"The exported graph differs from PyTorch by {largest:.4f}; it was not written.")
    return Check(largest, float((found[1] - found[0]).mean()) / steps)


def _energies(manifest: Manifest, windows: Visible) -> npt.NDArray[np.float64]:
    session = GibbsSession(manifest)
    return session.free_energy(Windows(windows.states.numpy(), windows.place.numpy())).astype(np.float64)
