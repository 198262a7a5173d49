"""What a continuation is guided by: tracks that stand, notes whose rhythm or pitches are kept, an ending, chords."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace

from musegen_app.cli.seeds import Seed
from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import InputError
from musegen_app.generate import GenerateRequest, Manifest
from musegen_app.generate.families import is_guided
from musegen_app.generate.request import ENDINGS, KEEPS
from musegen_app.score import Timeline
from musegen_app.score.chords import Chord

_REST = "-"


@dataclass(frozen=True, slots=True)
class BarChord:
    """A chord as pitch classes (12 bits, 0 for none), from ``bar`` on, counted from 1; None for the next bar in turn."""

    mask: int
    bar: int | None


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--keep", choices=KEEPS[1:], default="", help="with --fill: keep the rhythm or the pitches of what is there"
    )
    parser.add_argument("--ending", choices=ENDINGS[1:], default="", help="close with a cadence, or stay open")
    parser.add_argument(
        "--chords",
        type=chords,
        default=(),
        metavar="CHORDS",
        help='such as "C Am F G", one a bar from the first new bar on and over again, or "9:C 11:G7" by bars; - is none',
    )


def chords(text: str) -> tuple[BarChord, ...]:
    """Chord symbols parted by blanks, each with the number of its bar or all without."""
    found: list[BarChord] = []
    for word in text.split():
        match = re.fullmatch(r"(?:(\d{1,6}):)?(.+)", word)
        bar, symbol = (match[1], match[2]) if match else (None, "")
        try:
            mask = 0 if symbol == _REST else Chord.parse(symbol).mask
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        if bar == "0" or (found and (found[0].bar is None) != (bar is None)):
            raise argparse.ArgumentTypeError(f'"{text}" gives no bar, counted from 1, to each chord or to none')
        found.append(BarChord(mask, int(bar) if bar else None))
    if not found:
        raise argparse.ArgumentTypeError("there is no chord")
    return tuple(found)


def guided(request: GenerateRequest, args: argparse.Namespace, seed: Seed, manifest: Manifest) -> GenerateRequest:
    """``request`` with what these options ask for.

    Raises:
        InputError: the model heeds none of it, or rhythm or pitches are to be kept without a fill.
    """
    asked = [name for name in ("keep", "ending", "chords") if getattr(args, name)]
    asked += ["standing-tracks"] if seed.standing else []
    if not asked:
        return request
    if not is_guided(manifest):
        raise InputError(f'Model "{manifest.name}" does not heed --{asked[0]}.')
    unheard = [name for name in ("ending", "chords") if getattr(args, name)] if manifest.instrument == DRUMS else []
    if unheard:
        raise InputError(f'Model "{manifest.name}" plays drums and does not heed --{unheard[0]}.')
    if args.keep and request.until_tick is None:
        raise InputError("What is kept lies in the bars to be filled; name them with --fill.")
    kept = seed.notes.take(seed.notes.starting_in(*request.span)) if args.keep else request.kept
    return replace(
        request,
        standing=seed.standing,
        keep=args.keep,
        kept=kept,
        ending=args.ending,
        chords=placed(args.chords, request.timeline, request.span),
    )


def placed(given: tuple[BarChord, ...], timeline: Timeline, span: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The chords at their ticks, those without a bar going round from the first bar line of ``span`` to its end."""
    if not given or given[0].bar is not None:
        return tuple((timeline.bar_start(chord.bar - 1), chord.mask) for chord in given if chord.bar is not None)
    first, last = timeline.bar_at(timeline.bar_ceil(span[0])), timeline.bar_at(span[1] - 1)
    return tuple((timeline.bar_start(bar), given[(bar - first) % len(given)].mask) for bar in range(first, last + 1))
