"""``musegen models``: what can generate."""

from __future__ import annotations

import argparse
import json

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.cli.controls import words
from musegen_app.encoding.drums import DRUMS
from musegen_app.generate import FAMILIES, Control, Manifest, listing
from musegen_app.generate.families import (
    controls_of,
    fills,
    has_temperature,
    is_as_published,
    is_guided,
    nats,
    unigram_nats,
    unit_of,
)
from musegen_app.generate.registry import default_of


def _configure(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    found = listing()
    default = default_of(found.models)
    if args.json:
        answer = {
            "default": default,
            "default_drums": default_of(found.models, DRUMS),
            "models": [_row(model) for model in found.models],
            "broken": [{"name": error.model, "problem": str(error)} for error in found.broken],
        }
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for model in found.models:
        print(_lines(model, is_default=model.name == default_of(found.models, model.instrument)))
    for error in found.broken:
        print(error)
    if not found.models:
        print("No model is installed.")
    return 0


def _row(model: Manifest) -> dict[str, object]:
    family = FAMILIES[model.family]
    return {
        "name": model.name,
        "title": model.title,
        "family": model.family,
        "family_title": family.title,
        "unit": family.unit,
        "nats": nats(model),
        "unigram_nats": unigram_nats(model),
        "can_fill": fills(model),
        "is_guided": is_guided(model),
        "has_temperature": has_temperature(model),
        "has_styles": family.has_styles,
        "as_published": is_as_published(model),
        "instrument": model.instrument,
        "controls": [_control(control) for control in controls_of(model)],
        "styles": list(model.styles),
        "default_style": model.default_style,
        "nats_per_note": model.metric("nats_per_note"),
        "notes_per_s": model.notes_per_s,
        "licence": model.licence,
        "caveat": model.caveat,
        "size_bytes": model.size_bytes,
        "created": model.created,
        "path": str(model.path),
    }


def _control(control: Control) -> dict[str, object]:
    return {
        "name": control.name,
        "label": control.label,
        "low": control.low,
        "high": control.high,
        "default": control.default,
        "step": control.step,
        "choices": list(control.choices),
        "tip": control.tip,
    }


def _lines(model: Manifest, *, is_default: bool) -> str:
    cost, baseline, unit = nats(model), unigram_nats(model), unit_of(model)
    facts = [model.family, f"{model.size_bytes / 1e6:.1f} MB"]
    facts += [f"{cost:.2f} nats a {unit}"] if cost is not None else []
    facts += [f"unigram {baseline:.2f}"] if baseline is not None else []
    facts += [f"licence {model.licence}"] if model.licence else []
    default = " (default for drums)" if model.instrument == DRUMS else " (default)"
    lines = [f"{model.name}{default if is_default else ''}: {model.title}, {', '.join(facts)}"]
    lines += [f"styles: {', '.join(model.styles)}"] if model.styles else []
    lines += [f"mind: {model.caveat}"] if model.caveat else []
    lines += [f"control {words(control)}" for control in controls_of(model)]
    lines += ["plays drums, and nothing else"] if model.instrument == DRUMS else []
    lines += ["fills gaps"] if fills(model) else []
    heeded = (
        "standing tracks and kept notes" if model.instrument == DRUMS else "standing tracks, kept notes, endings and chords"
    )
    lines += [f"heeds {heeded}"] if is_guided(model) else []
    return "\n  ".join(lines)


COMMAND = Command("models", "list the models that can generate", _configure, _run)
