"""From an ONNX graph to a model folder: quantised where that is wanted, described by its manifest, written whole."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from musegen_app.errors import ModelError
from musegen_app.generate.manifest import STEP_FILE, Manifest, Tensor

_DTYPES: Final[dict[int, str]] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}


def quantised(exact: Path) -> Path:
    """Make a copy of the graph with int8 weights beside it, and return where.

    LSTM and MatMul only: the former with one scale, the latter with one an output unit, which loses a fifth of the nats that
    one for all loses, at no cost in time.
    """
    small, recurrent = exact.with_name("int8.onnx"), exact.with_name("recurrent.onnx")
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it logs a line for every tensor to the root
    try:
        quantize_dynamic(exact, recurrent, op_types_to_quantize=["LSTM"], weight_type=QuantType.QInt8)
        quantize_dynamic(recurrent, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True)
    finally:
        root.setLevel(level)
    return small


def described(manifest: Manifest, graph: onnx.ModelProto, settings: Mapping[str, object]) -> Manifest:
    """The manifest with what the graph takes and gives; states are the inputs that have an output ``next_<name>``."""
    inputs = tuple(_tensor(value) for value in graph.graph.input)
    outputs = tuple(_tensor(value) for value in graph.graph.output)
    carried = {tensor.name.removeprefix("next_") for tensor in outputs if tensor.name.startswith("next_")}
    return replace(
        manifest,
        inputs=inputs,
        outputs=outputs,
        states=tuple(tensor for tensor in inputs if tensor.name in carried),
        settings=settings,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
    )


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    kind = value.type.tensor_type
    return Tensor(value.name, _DTYPES[kind.elem_type], tuple(d.dim_param or d.dim_value for d in kind.shape.dim))


def put(manifest: Manifest, *graphs: Path) -> Manifest:
    """Write ``graphs``, one for each file it names, and the manifest into ``manifest.path``; returns it with its checksum.

    Raises:
        ModelError: the folder cannot be written.
    """
    try:
        manifest.path.mkdir(parents=True, exist_ok=True)
        targets = [manifest.path / file for file in manifest.graph_files]
        partials = [target.with_suffix(".partial") for target in targets]
        for partial, graph in zip(partials, graphs, strict=True):
            partial.write_bytes(graph.read_bytes())
        for partial, target in zip(partials, targets, strict=True):
            partial.replace(target)
        if not manifest.step:
            (manifest.path / STEP_FILE).unlink(missing_ok=True)  # of a model of another family that was here
    except OSError as error:
        raise ModelError(
            f'Model "{manifest.name}" cannot be written to {manifest.path}: {error.strerror}.', manifest.name
        ) from error
    made = manifest.sealed()
    made.write()
    return made
