"""Results and the table that sets them beside the published rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from musegen_app.errors import FileError
from musegen_app.files.atomic import write_atomic
from musegen_app.training.published.splits import TITLES

PUBLISHED: Final[Mapping[str, Mapping[str, Sequence[float]]]] = {
    "RBM, published": {"jsb": (7.43,), "nottingham": (5.25,), "musedata": (9.56,), "piano": (10.17,)},
    "LSTM, independent keys, published": {
        "jsb": (8.67, 8.45),
        "nottingham": (3.24, 3.29),
        "musedata": (6.23,),
        "piano": (9.03,),
    },
    "TCN": {"jsb": (8.10,), "nottingham": (3.07,)},
    "RNN-RBM": {"jsb": (6.27,), "nottingham": (2.39,), "musedata": (6.01,), "piano": (7.09,)},
    "RNN-NADE": {"jsb": (5.56,), "nottingham": (2.31,), "musedata": (5.60,), "piano": (7.05,)},
    "BALSTM": {"jsb": (5.05,), "nottingham": (1.55,), "musedata": (3.90,), "piano": (4.90,)},
}
"""Boulanger-Lewandowski 2012 (RBM, RNN-RBM, RNN-NADE), Chung 2014 and Bai 2018 (LSTM), Bai 2018 (TCN), Johnson 2017."""
PUBLISHED_TOKENS: Final[Mapping[str, float]] = {
    "Music Transformer": 0.335,
    "TonicNet, a fifth of its tokens being chords": 0.317,
}
"""Nats a token on the 16th grid, of valid: Huang 2018, Peracha 2019."""
_OURS: Final = {
    "unigram": "note 1-gram",
    "rbm": "RBM, ours",
    "lstm": "LSTM, independent keys, ours",
    "chained": "**chained keys, ours**",
    "chained, views mixed": "**chained keys, ours, five transpositions mixed**",
    "voices": "**voice after voice, ours**",
    "voices, nets mixed": "**voice after voice, ours, three nets mixed**",
}
_ORDER: Final = (
    "unigram",
    "RBM, published",
    "rbm",
    "LSTM, independent keys, published",
    "lstm",
    "TCN",
    "RNN-RBM",
    "RNN-NADE",
    "BALSTM",
    "chained",
    "chained, views mixed",
)


@dataclass(frozen=True)
class Result:
    """What a model reached on a set: nats a frame over all frames, and over the pieces' means; ``minutes`` of training."""

    set: str
    model: str
    test: float
    test_by_piece: float
    valid: float
    minutes: float
    epochs: float
    weights: int
    log: tuple[tuple[float, float], ...] = ()


def write_results(path: Path, results: Sequence[Result]) -> None:
    """Put ``results`` into a file, at once or not at all."""
    text = json.dumps([asdict(result) for result in results], indent=2)
    write_atomic(text.encode(), path)


def read_results(path: Path) -> list[Result]:
    """What :func:`write_results` wrote.

    Raises:
        FileError: it is something else.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [Result(**row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise FileError(f"{path} holds no results; remove it to measure anew.", path) from error


def table(results: Sequence[Result], sets: Sequence[str]) -> str:
    """Markdown: test nats a frame, a row a model, a column a set, the published rows between ours."""
    found = {(result.model, result.set): f"{result.test:.2f}" for result in results}
    lines = [f"| nats a frame | {' | '.join(TITLES[name] for name in sets)} |", "|---" * (1 + len(sets)) + "|"]
    for row in _ORDER:
        if row in PUBLISHED:
            cells = [" / ".join(f"{value:.2f}" for value in PUBLISHED[row].get(name, ())) or "–" for name in sets]
        else:
            cells = [found.get((row, name), "–") for name in sets]
        if row in PUBLISHED or any(cell != "–" for cell in cells):
            lines.append(f"| {_OURS.get(row, row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def token_table(results: Sequence[Result]) -> str:
    """Markdown: nats a token of the chorales on the 16th grid, a row a model, beside the published rows."""
    found = {result.model: (f"{result.test:.3f}", f"{result.valid:.3f}") for result in results if result.set == "jsb16"}
    published = {name: ("–", f"{nats:.3f}") for name, nats in PUBLISHED_TOKENS.items()}
    rows = {"unigram": found["unigram"], **published, **{name: found[name] for name in found if name != "unigram"}}
    lines = ["| nats a token | JSB on sixteenths, test | valid |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {_OURS.get(name, name)} | {' | '.join(cells)} |" for name, cells in rows.items())])
