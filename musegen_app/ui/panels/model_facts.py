"""A model in a line: its size, licence and how well it predicts."""

from __future__ import annotations

from musegen_app.generate.manifest import Manifest

_NATS = "nats_per_note"


def facts(manifest: Manifest) -> str:
    """Such as "4.9 MB · CC0 · 2.1 nats/note"; what the manifest does not tell is left out."""
    nats = manifest.metric(_NATS)
    parts = (
        f"{manifest.size_bytes / 1e6:.1f} MB" if manifest.size_bytes else "",
        manifest.licence,
        f"{nats:.2f} nats/note" if nats is not None else "",
    )
    return " · ".join(part for part in parts if part)
