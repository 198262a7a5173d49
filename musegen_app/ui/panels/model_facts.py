"""A model in a line or two: its family and styles, size, licence, and how well it predicts."""

from __future__ import annotations

from typing import Final

from musegen_app.encoding.drums import DRUMS
from musegen_app.generate.families import FAMILIES, is_as_published, nats, unigram_nats, unit_of
from musegen_app.generate.manifest import Manifest

_STYLES_SHOWN: Final = 3


def facts(manifest: Manifest) -> str:
    """Such as "4.9 MB · CC0 · 2.10 nats/note"; what the manifest does not tell is left out."""
    return _joined(size(manifest), manifest.licence, metric(manifest))


def description(manifest: Manifest) -> str:
    """Such as "Note-event LSTM · chorale, folk, game +4 · CC0 · 4.9 MB"."""
    plays = "drums" if manifest.instrument == DRUMS and manifest.styles != (DRUMS,) else ""
    return _joined(family_title(manifest), plays, styles(manifest), manifest.licence, size(manifest))


def details(manifest: Manifest) -> str:
    """All of it, a line each, for a tooltip."""
    cost, baseline = nats(manifest), unigram_nats(manifest)
    unit = unit_of(manifest)
    lines = [
        family_title(manifest),
        "Plays drums, and hears nothing else" if manifest.instrument == DRUMS else "",
        f"Styles: {', '.join(_words(style) for style in manifest.styles)}" if manifest.styles else "",
        f"Licence: {manifest.licence}" if manifest.licence else "",
        manifest.caveat,
        f"Held-out music costs it {cost:.2f} nats a {unit}" if cost is not None else "",
        f"Single {unit}s by frequency alone would cost {baseline:.2f}" if baseline is not None else "",
    ]
    return "\n".join(line for line in lines if line)


def family_title(manifest: Manifest) -> str:
    """The family as musicians read it, and whether the model has its authors' own faults."""
    family = FAMILIES.get(manifest.family)
    title = family.title if family else manifest.family
    return f"{title}, as published" if is_as_published(manifest) else title


def styles(manifest: Manifest) -> str:
    """The first styles, and how many more there are."""
    shown = ", ".join(_words(style) for style in manifest.styles[:_STYLES_SHOWN])
    more = len(manifest.styles) - _STYLES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown


def size(manifest: Manifest) -> str:
    """Such as "4.9 MB"."""
    return f"{manifest.size_bytes / 1e6:.1f} MB" if manifest.size_bytes else ""


def metric(manifest: Manifest) -> str:
    """Held-out likelihood in the family's own unit, such as "2.90 nats/note"."""
    cost = nats(manifest)
    return f"{cost:.2f} nats/{unit_of(manifest)}" if cost is not None else ""


def _words(style: str) -> str:
    return style.replace("-", " ").replace("_", " ")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
