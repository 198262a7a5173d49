"""``musegen models``: what can generate."""

from __future__ import annotations

import argparse
import json

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.generate import Manifest, find, listing


def _configure(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    found = listing()
    default = find("").name if found.models else ""
    if args.json:
        answer = {
            "default": default,
            "models": [_row(model) for model in found.models],
            "broken": [{"name": error.model, "problem": str(error)} for error in found.broken],
        }
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for model in found.models:
        print(_lines(model, is_default=model.name == default))
    for error in found.broken:
        print(error)
    if not found.models:
        print("No model is installed.")
    return 0


def _row(model: Manifest) -> dict[str, object]:
    return {
        "name": model.name,
        "title": model.title,
        "family": model.family,
        "styles": list(model.styles),
        "default_style": model.default_style,
        "nats_per_note": model.metric("nats_per_note"),
        "notes_per_s": model.notes_per_s,
        "licence": model.licence,
        "size_bytes": model.size_bytes,
        "created": model.created,
        "path": str(model.path),
    }


def _lines(model: Manifest, *, is_default: bool) -> str:
    nats = model.metric("nats_per_note")
    facts = [model.family, f"{model.size_bytes / 1e6:.1f} MB"]
    facts += [f"{nats:.2f} nats a note"] if nats is not None else []
    facts += [f"licence {model.licence}"] if model.licence else []
    title = f"{model.name}{' (default)' if is_default else ''}: {model.title}, {', '.join(facts)}"
    return f"{title}\n  styles: {', '.join(model.styles)}" if model.styles else title


COMMAND = Command("models", "list the models that can generate", _configure, _run)
