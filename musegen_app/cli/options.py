"""Options that commands share, and how their texts become values."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final

from musegen_app.errors import InputError
from musegen_app.score import Key

MAX_SEED: Final = 2**31 - 1
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number') from error


def number(text: str) -> float:
    """A number such as 0.95."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number') from error


def seed_number(text: str) -> int:
    """A whole number from 0 to 2³¹ − 1."""
    value = whole(text)
    if not 0 <= value <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"{value} is not within 0 to {MAX_SEED}")
    return value


def key_choice(text: str) -> Key | str:
    """A key, or one of the words "auto" and "off"."""
    if text.lower() in ("auto", "off"):
        return text.lower()
    try:
        return Key.parse(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def bar_range(text: str) -> tuple[int, int]:
    """Bars counted from 1, the first and the last: "5-8", or "5" for one."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", text)
    first = int(match[1]) if match else 0
    last = int(match[2] or first) if match else 0
    if not match or first < 1:
        raise argparse.ArgumentTypeError(f'"{text}" names no bars, such as 5-8')
    if last < first:
        raise argparse.ArgumentTypeError(f'"{text}" begins after its end')
    return first, last


def track_numbers(text: str) -> tuple[int, ...] | None:
    """Numbers of tracks joined by commas, counted from 1; None for "all"."""
    if text.strip().lower() == "all":
        return None
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" names no tracks, such as 2,3 or all') from error


def pitch(text: str) -> int:
    """A MIDI pitch by number (60) or name (C4, f#3, B♭-1)."""
    match = re.fullmatch(r"([A-Ga-g])([#♯b♭]?)(-?\d)", text)
    value = int(text) if text.isascii() and text.isdigit() else -1
    if match:
        value = (int(match[3]) + 1) * 12 + _LETTERS[match[1].upper()] + _ACCIDENTALS[match[2]]
    if not 0 <= value <= 127:
        raise argparse.ArgumentTypeError(f'"{text}" is not a note from C-1 to G9')
    return value


def pitch_range(text: str) -> tuple[int, int]:
    """Two pitches joined by a dash, the lower first: C3-C6, 48-84."""
    match = re.fullmatch(r"\s*(.+?)\s*-\s*([A-Ga-g].*|\d+)\s*", text)
    if not match:
        raise argparse.ArgumentTypeError(f'"{text}" is not a range such as C3-C6')
    low, high = pitch(match[1]), pitch(match[2])
    if low > high:
        raise argparse.ArgumentTypeError(f'"{text}" begins above its end')
    return low, high


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``: answer with one JSON object."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")


def add_model(parser: argparse.ArgumentParser) -> None:
    """``--model NAME``."""
    parser.add_argument(
        "--model", metavar="NAME", default="", help='a name of "musegen models", or a path to a model\'s folder'
    )


def file_argument(text: str) -> Path:
    """A path; an empty one is a slip of the shell."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text).expanduser()
