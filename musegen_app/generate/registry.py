"""Which models there are, and how one is loaded. A broken model folder never hides the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.errors import ModelError
from musegen_app.generate.families import FAMILIES, for_instrument
from musegen_app.generate.manifest import MANIFEST_FILE, Manifest
from musegen_app.generate.request import Generator
from musegen_app.paths import model_dirs

DEFAULT_MODEL: Final = "flagship"


@dataclass(frozen=True, slots=True)
class Listing:
    """The models that look usable, in the order they were found, and a sentence for each folder that does not."""

    models: tuple[Manifest, ...]
    broken: tuple[ModelError, ...]


def listing(dirs: Iterable[Path] | None = None) -> Listing:
    """Look through ``dirs`` (default: :func:`musegen_app.paths.model_dirs`), one folder a model.

    Of several models with one name the first wins. Manifests and graph sizes are looked at, checksums only by :func:`load`.
    """
    models: dict[str, Manifest] = {}
    broken: dict[str, ModelError] = {}
    for folder in _folders(model_dirs() if dirs is None else dirs):
        name = folder.resolve().name
        if name in models or name in broken:
            continue
        try:
            models[name] = _checked(Manifest.read(folder))
        except ModelError as error:
            broken[name] = error
    return Listing(tuple(models.values()), tuple(broken.values()))


def available(dirs: Iterable[Path] | None = None) -> tuple[Manifest, ...]:
    """The models that look usable."""
    return listing(dirs).models


def broken(dirs: Iterable[Path] | None = None) -> tuple[ModelError, ...]:
    """A sentence for each model folder that cannot be used."""
    return listing(dirs).broken


def find(name: str = "", dirs: Iterable[Path] | None = None, instrument: str = PITCHED) -> Manifest:
    """The model called ``name``; "" for the default of those that play ``instrument``. A path to a folder works, too.

    Raises:
        ModelError: there is no such model, or it is broken.
    """
    if "/" in name or "\\" in name:
        return _checked(Manifest.read(Path(name)))
    found = listing(dirs)
    by_name = {model.name: model for model in found.models}
    wanted = name or default_of(found.models, instrument) or ("" if instrument == DRUMS else DEFAULT_MODEL)
    if wanted in by_name:
        return by_name[wanted]
    for error in found.broken:
        if error.model == wanted:
            raise error
    if not by_name:
        raise ModelError("No model is installed.", name)
    if not wanted:
        raise ModelError("No installed model plays drums.", name)
    raise ModelError(f'There is no model "{name}"; there are: {", ".join(by_name)}.', name)


def default_of(models: Iterable[Manifest], instrument: str = PITCHED) -> str:
    """The name of the model that is used where none was chosen: the flagship, else the first that plays ``instrument``.

    "" where none does.
    """
    names = [model.name for model in for_instrument(models, instrument)]
    return DEFAULT_MODEL if DEFAULT_MODEL in names else next(iter(names), "")


def load(manifest: Manifest) -> Generator:
    """Load a model's graph, after comparing it with the manifest's checksum. Takes a while; any thread.

    Raises:
        ModelError: the graph is missing, damaged, or ONNX Runtime cannot run it.
    """
    _checked(manifest)
    if manifest.graphs_sha256() != manifest.sha256.lower():
        raise _damaged(manifest)
    return FAMILIES[manifest.family].load(manifest)


def _folders(dirs: Iterable[Path]) -> Iterable[Path]:
    for parent in dirs:
        try:
            yield from sorted(
                folder for folder in parent.iterdir() if (folder / MANIFEST_FILE).exists() or _has_graph(folder)
            )
        except OSError:
            continue  # a folder of models that is not there, or not ours to read, holds none


def _has_graph(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.onnx"))


def _checked(manifest: Manifest) -> Manifest:
    name = manifest.name
    if manifest.family not in FAMILIES:
        raise ModelError(f'Model "{name}" is of a family this MuseGen does not know: "{manifest.family}".', name)
    if manifest.graphs_size() != manifest.size_bytes:
        raise _damaged(manifest)
    return manifest


def _damaged(manifest: Manifest) -> ModelError:
    files = " or ".join(manifest.graph_files)
    message = f'Model "{manifest.name}" cannot be used: {files} is damaged; install or train the model again.'
    return ModelError(message, manifest.name)
