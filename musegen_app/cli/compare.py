"""``musegen compare``: what models make of the beginnings of pieces, beside what really follows in them."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from musegen_app.cli import options
from musegen_app.cli.command import Command
from musegen_app.encoding.drums import PITCHED
from musegen_app.errors import FileError, InputError
from musegen_app.files import read_midi
from musegen_app.files.collection import HELD_OUT, Source, collection
from musegen_app.generate import Manifest, find, load
from musegen_app.generate.areas import areas_of
from musegen_app.generate.comparison import Outcome, Passage, compare, means, passage_of, played_notes
from musegen_app.generate.originality import RunIndex
from musegen_app.score import Score

DETAILS: Final = """
Continue the beginnings of held-out pieces of DIR with each MODEL, and print what the continuations are like beside the real
ones of the same pieces: loops, notes outside the key where locked to it (every fourth is, once more), runs of eight notes
found in what the model learnt from (in whatever key), scale consistency, pitch-class entropy (bits), notes a bar, mean
length (quarters), and bars that are like an earlier one of the seed or the continuation. --areas adds how far the
distributions of figures lie over the real ones' (overlapped areas after MGEval, 0 to 1), and one half of the real ones over
the other half. A model is asked about the sets of DIR that it learnt from (an index.tsv tells sets and splits, else
subfolders are sets), or about --only.
"""
_COLUMNS: Final = (
    ("loops", "loops"),
    ("out of scale", "out_of_scale"),
    ("copied", "copied"),
    ("scale consistency", "scale_consistency"),
    ("pitch-class entropy", "pitch_class_entropy"),
    ("notes a bar", "notes_per_bar"),
    ("mean length", "mean_length"),
    ("returning", "returning"),
)
_AREAS: Final = "areas", "areas_of_real_halves"
_LOCKED: Final = 4  # of so many passages one is continued again, locked to its key: one note outside would be a fault
_SHARES: Final = {"loops", "out_of_scale", "copied", "returning"}
Row = Mapping[str, float]


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("models", metavar="MODEL", nargs="+", help='names of models ("musegen models" lists them)')
    add("--on", metavar="DIR", type=options.file_argument, required=True, help="a folder of MIDI files")
    add("--only", action="append", default=[], metavar="SET", help="ask about these sets; may be repeated")
    add("--count", type=options.whole, default=200, metavar="N", help="continuations of each model (200)")
    add("--bars", type=options.whole, default=8, metavar="N", help="bars of each (8)")
    add("--areas", action="store_true", help="the overlapped areas of drawn and real distributions as well")
    add("--seed", type=options.seed_number, default=1, metavar="N", help="the same number gives the same notes (1)")
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    if args.count < 1:
        raise InputError(f"{args.count} continuations cannot be compared; ask for 1 or more.")
    asked = list(dict.fromkeys(args.models))
    manifests = [find(name) for name in asked]
    sources = _sources(args.on)
    names = _told_apart(manifests, asked)
    answers = {name: _compared(manifest, sources, args) for name, manifest in zip(names, manifests, strict=True)}
    if args.json:
        print(json.dumps(answers, ensure_ascii=False, indent=2))
    else:
        titles = [m.title if name == m.name else name for name, m in zip(names, manifests, strict=True)]
        print("\n".join(_lines(titles, answers)))
        if args.areas:
            print("\n".join(["", *_area_lines(titles, answers)]))
    return 0


def _told_apart(manifests: Sequence[Manifest], asked: Sequence[str]) -> list[str]:
    """The models' names; what was asked for where two models have the same one, such as one in another folder."""
    names = Counter(manifest.name for manifest in manifests)
    return [told if names[manifest.name] > 1 else manifest.name for told, manifest in zip(asked, manifests, strict=True)]


def _sources(folder: Path) -> list[Source]:
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder.", folder)
    found = collection(folder)
    if not found:
        raise InputError(f"There are no MIDI files in {folder}.")
    return found


def _compared(manifest: Manifest, sources: list[Source], args: argparse.Namespace) -> Mapping[str, Row]:
    learnt_sets = {data.set for data in manifest.data}
    chosen = set(args.only) or {source.set for source in sources} & learnt_sets or {source.set for source in sources}
    plays = manifest.instrument
    passages = passages_of([source for source in sources if source.set in chosen], args.count, args.bars, plays)
    if not passages:
        raise InputError(
            f"No held-out piece in {', '.join(sorted(chosen))} is long enough to be continued by {args.bars} bars."
        )
    learnt = RunIndex.of(
        played_notes(score, plays) for score in _scores(s for s in sources if s.set in learnt_sets and s.split != HELD_OUT)
    )
    generator = load(manifest)
    free = compare(generator, _said(passages, manifest.name), args.bars, args.seed, lock_every=0, learnt=learnt)
    lockable = passages[::_LOCKED] if plays == PITCHED else []
    locked = compare(generator, _said(lockable, manifest.name), args.bars, args.seed, lock_every=1)
    rows = {"drawn": _drawn_row(free, locked), "real": _real_row(free)}
    return rows | dict(zip(_AREAS, areas_of(free), strict=True)) if args.areas else rows


def passages_of(sources: Iterable[Source], count: int, bars: int, instrument: str = PITCHED) -> list[Passage]:
    """Up to ``count`` passages of held-out pieces, as ``instrument`` plays them, going round the sets.

    First the beginnings, then later parts; where all of those do not suffice, parts that overlap others.
    """
    scores = list(_scores(_round_the_sets(s for s in sources if s.split == HELD_OUT)))
    passages: list[Passage] = []
    phases = sorted(range(bars), key=lambda bar: f"{bar:08b}"[::-1])  # halves, then quarters: those far apart come first
    for phase in phases:
        for skipped in itertools.count(phase, bars):
            found = (passage_of(score, bars, skipped, instrument) for score in scores)
            more = [passage for passage in found if passage is not None]
            if not more or len(passages) >= count:
                break
            passages += more
    return passages[:count]


def _round_the_sets(sources: Iterable[Source]) -> list[Source]:
    places: dict[str, int] = {}
    ranked: list[tuple[int, Source]] = []
    for source in sources:
        places[source.set] = places.get(source.set, 0) + 1
        ranked.append((places[source.set], source))
    return [source for _, source in sorted(ranked, key=lambda pair: pair[0])]


def _scores(sources: Iterable[Source]) -> Iterator[Score]:
    for source in sources:
        try:
            yield read_midi(source.path).score
        except FileError as error:
            print(f"musegen: {error}", file=sys.stderr)


def _said(passages: list[Passage], name: str) -> Iterator[Passage]:
    """The passages, with a line on the screen that counts them."""
    for number, passage in enumerate(passages, start=1):
        if sys.stderr.isatty():
            print(f"\r{name}: {number} of {len(passages)} ", end="\n" if number == len(passages) else "", file=sys.stderr)
        yield passage


def _drawn_row(free: list[Outcome], locked: list[Outcome]) -> Row:
    notes = sum(outcome.notes for outcome in locked)
    return {
        **means(outcome.drawn for outcome in free),
        "out_of_scale": sum(outcome.outside for outcome in locked) / max(notes, 1),
        "copied": sum(outcome.copied for outcome in free) / len(free),
        "short": sum(outcome.is_short for outcome in free) / len(free),
        "count": float(len(free)),
    }


def _real_row(free: list[Outcome]) -> Row:
    copied = sum(outcome.real_copied for outcome in free) / len(free)
    return {**means(outcome.real for outcome in free), "copied": copied, "count": float(len(free))}


def _lines(titles: list[str], answers: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    yield "| model | " + " | ".join(label for label, _ in _COLUMNS) + " |"
    yield "|---" * (len(_COLUMNS) + 1) + "|"
    for title, answer in zip(titles, answers.values(), strict=True):
        for kind in ("drawn", "real"):
            row = answer[kind]
            what = title if kind == "drawn" else "what really follows"
            yield f"| {what} | " + " | ".join(_cell(row, name) for _, name in _COLUMNS) + " |"


def _area_lines(titles: list[str], answers: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    names = list(next(iter(answers.values()))["areas"])
    yield f"| overlapped area | {' | '.join(name.replace('_', ' ') for name in names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for title, answer in zip(titles, answers.values(), strict=True):
        for kind, what in zip(_AREAS, (title, "one half of what really follows over the other"), strict=True):
            yield f"| {what} | " + " | ".join(f"{answer[kind][name]:.2f}" for name in names) + " |"


def _cell(row: Row, name: str) -> str:
    if name not in row:
        return "–"
    return f"{100 * row[name]:.1f} %" if name in _SHARES else f"{row[name]:.2f}"


COMMAND = Command("compare", "continue held-out pieces and set the answers beside the real ones", _configure, _run, DETAILS)
