"""What stands in ``models/<name>/model.json``: everything about a model that can be known without loading its graph."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, cast

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import ModelError
from musegen_app.generate.json_fields import items, mapping, mappings, number, text, what_is_wrong, whole

FORMAT: Final = 1
"""Format this program writes, and the newest it reads."""

MANIFEST_FILE: Final = "model.json"
GRAPH_FILE: Final = "model.onnx"

STEP_FILE: Final = "step.onnx"
_FILES: Final = {"graph": GRAPH_FILE, "originality": "", "step": ""}

Metrics = Mapping[str, float | Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input, output or state of the graph: ``dtype`` as numpy names it, ``shape`` with names for free dimensions."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class DataSource:
    """A set the model was trained on, the terms it came under, and whom to thank."""

    set: str
    licence: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model on disk. Immutable; holds no session.

    ``path`` is the model's folder and ``name`` that folder's name, so a copied or renamed folder is a model of its own.
    ``grid`` counts steps a quarter; ``states`` are those of ``inputs`` that are carried from call to call; ``metrics`` are
    numbers, or numbers a style, measured on held-out pieces; ``notes_per_s`` was measured on one core at export;
    ``settings`` is what the family alone understands (sizes, vocabularies), as JSON values; ``originality`` names the file
    beside it with the runs of what it learnt from, "" for none, and ``step`` that with a second graph of the same weights,
    for the call that most notes are drawn by. ``sha256`` and ``size_bytes`` are of both graphs together.
    """

    name: str
    title: str
    family: str
    path: Path
    styles: tuple[str, ...] = ()
    default_style: str = ""
    grid: int = 24
    graph: str = GRAPH_FILE
    sha256: str = ""
    size_bytes: int = 0
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    states: tuple[Tensor, ...] = ()
    licence: str = ""
    data: tuple[DataSource, ...] = ()
    metrics: Metrics = field(default_factory=dict)
    created: str = ""
    notes_per_s: float = 0.0
    settings: Mapping[str, object] = field(default_factory=dict)
    originality: str = ""
    step: str = ""
    format: int = FORMAT

    @property
    def graph_path(self) -> Path:
        """The ONNX file."""
        return self.path / self.graph

    @property
    def graph_files(self) -> tuple[str, ...]:
        """The files that its graphs are in, one or two."""
        return (self.graph, self.step) if self.step else (self.graph,)

    @property
    def instrument(self) -> str:
        """What it hears and writes: :data:`DRUMS`, or :data:`PITCHED` notes, as all models did before there were drums."""
        return DRUMS if self.settings.get("instrument") == DRUMS else PITCHED

    @property
    def caveat(self) -> str:
        """What whoever uses its music has to know, a sentence or two; "" for nothing beyond the licence."""
        told = self.settings.get("caveat", "")
        return told if isinstance(told, str) else ""

    def metric(self, name: str) -> float | None:
        """A metric that is a plain number, or None where it was not measured."""
        value = self.metrics.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read ``folder/model.json``. Keys that are unknown are ignored; the graph is not looked at.

        Raises:
            ModelError: there is no manifest, it is damaged, or a newer MuseGen wrote it.
        """
        name = folder.resolve().name
        raw = _json_object(folder / MANIFEST_FILE, name)
        version = raw.get("format")
        if isinstance(version, int) and version > FORMAT:
            raise ModelError(f'Model "{name}" was made by a newer MuseGen; update MuseGen to use it.', name)
        try:
            return _from_json(raw, folder)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f'Model "{name}" cannot be used: {what_is_wrong(error)} in {MANIFEST_FILE}.', name) from error

    def write(self) -> None:
        """Write ``path/model.json``, whole or not at all.

        Raises:
            ModelError: the folder cannot be written.
        """
        target = self.path / MANIFEST_FILE
        partial = target.with_suffix(".json.partial")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(_to_json(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            partial.replace(target)
        except OSError as error:
            raise ModelError(
                f'Model "{self.name}" cannot be written to {self.path}: {error.strerror}.', self.name
            ) from error

    def sealed(self) -> Manifest:
        """A copy that names the graphs as they lie on disk: their size and sha256.

        Raises:
            ModelError: one is missing or cannot be read.
        """
        return replace(self, sha256=self.graphs_sha256(), size_bytes=self.graphs_size())

    def graphs_size(self) -> int:
        """Bytes of the graphs on disk.

        Raises:
            ModelError: one is missing.
        """
        sizes = []
        for file in self.graph_files:
            try:
                sizes.append((self.path / file).stat().st_size)
            except OSError as error:
                message = f'Model "{self.name}" cannot be used: its file {file} is missing.'
                raise ModelError(message, self.name) from error
        return sum(sizes)

    def graphs_sha256(self) -> str:
        """Checksum of the graphs on disk, one after the other, in hexadecimal.

        Raises:
            ModelError: one is missing or cannot be read.
        """
        digest = hashlib.sha256()
        for file in self.graph_files:
            try:
                digest.update((self.path / file).read_bytes())
            except OSError as error:
                message = f'Model "{self.name}" cannot be used: its file {file} cannot be read ({error.strerror}).'
                raise ModelError(message, self.name) from error
        return digest.hexdigest()


def _json_object(path: Path, name: str) -> dict[str, object]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no model in {path.parent}: it holds no {MANIFEST_FILE}.", name) from error
    except OSError as error:
        raise ModelError(f'Model "{name}" cannot be used: {path.name} cannot be read ({error.strerror}).', name) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f'Model "{name}" cannot be used: {path.name} is damaged.', name) from error
    if not isinstance(raw, dict):
        raise ModelError(f'Model "{name}" cannot be used: {path.name} is damaged.', name)
    return raw


def _to_json(manifest: Manifest) -> dict[str, object]:
    plain = {f.name: getattr(manifest, f.name) for f in fields(manifest) if f.name != "path"}
    for name in ("inputs", "outputs", "states"):
        plain[name] = {t.name: {"dtype": t.dtype, "shape": list(t.shape)} for t in plain[name]}
    plain["data"] = [{"set": d.set, "licence": d.licence, "credit": d.credit} for d in manifest.data]
    return {"format": plain.pop("format"), **plain}


def _from_json(raw: dict[str, object], folder: Path) -> Manifest:
    graph, originality, step = (text(raw, key, usual) for key, usual in _FILES.items())
    for key, file in zip(_FILES, (graph, originality, step), strict=True):
        if Path(file).name != file:
            raise ValueError(f'"{key}" must be a file beside it')
    return Manifest(
        format=whole(raw, "format"),
        name=folder.resolve().name,
        title=text(raw, "title", folder.resolve().name),
        family=text(raw, "family"),
        path=folder,
        styles=tuple(str(style) for style in items(raw, "styles")),
        default_style=text(raw, "default_style", ""),
        grid=whole(raw, "grid"),
        graph=graph,
        sha256=text(raw, "sha256"),
        size_bytes=whole(raw, "size_bytes"),
        inputs=_tensors(raw, "inputs"),
        outputs=_tensors(raw, "outputs"),
        states=_tensors(raw, "states"),
        licence=text(raw, "licence", ""),
        data=tuple(DataSource(text(d, "set"), text(d, "licence"), text(d, "credit", "")) for d in mappings(raw, "data")),
        metrics=_metrics(mapping(raw, "metrics")),
        created=text(raw, "created", ""),
        notes_per_s=number(raw.get("notes_per_s", 0.0), "notes_per_s"),
        settings=mapping(raw, "settings"),
        originality=originality,
        step=step,
    )


def _metrics(raw: dict[str, object]) -> Metrics:
    def plain(value: object, key: str) -> float | dict[str, float]:
        return {k: number(v, key) for k, v in value.items()} if isinstance(value, dict) else number(value, key)

    return {key: plain(value, key) for key, value in raw.items()}


def _tensors(raw: Mapping[str, object], key: str) -> tuple[Tensor, ...]:
    tensors = mapping(raw, key)
    return tuple(Tensor(name, text(mapping(tensors, name), "dtype"), _shape(mapping(tensors, name))) for name in tensors)


def _shape(raw: Mapping[str, object]) -> tuple[int | str, ...]:
    shape = items(raw, "shape")
    if not all(isinstance(size, (int, str)) for size in shape):
        raise TypeError('"shape" must hold numbers and names')
    return tuple(cast("list[int | str]", shape))
