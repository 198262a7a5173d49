"""The card of a model: what it is, what it learnt from, how good it is, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import Final

from musegen_app.encoding.drums import DRUMS
from musegen_app.generate.families import FAMILIES, fills, unit_of
from musegen_app.generate.manifest import Manifest

CARD_FILE: Final = "CARD.md"
CREDITS_FILE: Final = "CREDITS.md"


def write_card(manifest: Manifest, training: Mapping[str, str]) -> None:
    """Write ``CARD.md`` beside the manifest; ``training`` has rows of what is to be said about the training."""
    parts = [
        _head(manifest),
        *([f"## Mind\n\n{fill(manifest.caveat, 125)}\n"] if manifest.caveat else []),
        _quality(manifest),
        _by_style(manifest),
        _training(training),
        _data(manifest),
        _limits(manifest),
    ]
    (manifest.path / CARD_FILE).write_text("\n".join(parts), encoding="utf-8")


def _head(manifest: Manifest) -> str:
    family = FAMILIES[manifest.family]
    styles = (
        f" It knows these styles: {', '.join(manifest.styles)}." if len(manifest.styles) > 1 and family.has_styles else ""
    )
    published = ", as published" if manifest.settings.get("as_published") else ""
    return f"""# {manifest.title}

A model of the family {family.title} ({manifest.family}{published}) for MuseGen. It continues what you drew or played{
        " and fills gaps between two ends" if fills(manifest) else ""
    }.{styles}

- {manifest.size_bytes / 1e6:.1f} MB; grid of {manifest.grid} steps a quarter.
- Made {manifest.created}. Licence of the weights: {manifest.licence or "yours to choose"}.
- {manifest.notes_per_s:,.0f} notes a second for one take on one core of the machine it was made on, the seed's hearing
  counted in.
"""


def _quality(manifest: Manifest) -> str:
    unit = unit_of(manifest)
    rows = (
        (f"this model, a {unit}", f"nats_per_{unit}"),
        ("the model it was adapted from", "nats_before_adapting"),
        ("by counting (unigram)", f"unigram_nats_per_{unit}"),
        ("onset", "nats_onset"),
        ("pitch", "nats_pitch"),
        ("length", "nats_length"),
        ("velocity (flat pieces cost nothing)", "nats_velocity"),
    )
    measured = ((label, manifest.metric(name)) for label, name in rows)
    lines = "\n".join(f"| {label} | {nats:.3f} |" for label, nats in measured if nats is not None)
    return f"""## How good it is

Nats a {unit} on pieces it never saw, with the weights as shipped; lower is better.

| | nats |
|---|---|
{lines}
"""


def _by_style(manifest: Manifest) -> str:
    network, counting = (manifest.metrics.get(f"{kind}nats_by_style") for kind in ("", "unigram_"))
    table = ""
    if isinstance(network, Mapping) and isinstance(counting, Mapping):
        lines = "\n".join(f"| {style} | {nats:.3f} | {counting.get(style, 0):.3f} |" for style, nats in network.items())
        table = f"""| style | nats | unigram |
|---|---|---|
{lines}
"""
    return table + _continuations(manifest)


def _continuations(manifest: Manifest) -> str:
    drawn, real = (manifest.metrics.get(f"continuations_{kind}") for kind in ("drawn", "real"))
    if not isinstance(drawn, Mapping) or not isinstance(real, Mapping):
        return ""
    lines = "\n".join(f"| {name.replace('_', ' ')} | {drawn[name]:.3f} | {real[name]:.3f} |" for name in drawn)

    names = ("", "_bars", "_locked", "_out_of_scale", "_short")
    count, bars, locked, outside, short = (f"{manifest.metric(f'continuations{name}') or 0:.0f}" for name in names)
    copied = (
        ', "copied" that of runs of eight notes that stand so in what it learnt from, in any key'
        if "copied" in drawn
        else ""
    )
    returning = ', "returning" that of bars like an earlier one' if "returning" in drawn else ""
    locks = f"Of {locked} more, locked to their seed's key, {outside} notes lay outside it; " if locked != "0" else ""
    return f"""
Continuations of {bars} bars after the beginnings of {count} held-out pieces, beside what really follows:

| | drawn | real |
|---|---|---|
{lines}

{locks}{short} of all were shorter than asked.
"loops" is the share that got stuck repeating itself{returning}{copied}.
"""


def _training(training: Mapping[str, str]) -> str:
    return "## How it was trained\n\n" + "\n".join(f"- {name}: {value}" for name, value in training.items()) + "\n"


def _data(manifest: Manifest) -> str:
    lines = "\n".join(f"| {data.set} | {data.licence or 'not stated'} | {data.credit} |" for data in manifest.data)
    credits_line = (
        f"\nCredits in full: [{CREDITS_FILE}]({CREDITS_FILE}).\n" if (manifest.path / CREDITS_FILE).is_file() else ""
    )
    return f"""## What it learnt from

| set | licence | origin |
|---|---|---|
{lines}
{credits_line}"""


def _limits(manifest: Manifest) -> str:
    is_drums = manifest.instrument == DRUMS
    hears = (
        "It hears and writes drums alone." if is_drums else "The parts of a piece are one stream to it; drums are left out."
    )
    return f"""## What it is for, and what not

For continuing a seed of some bars, played or written, on its own grid; finer timing in the seed is heard rounded, and never
changed. It knows nothing of instruments. {hears} It pulls all music towards what it learnt from, and what it draws may by
chance be like something in it.
"""
