"""What the program remembers from one start to the next: a frozen value in a JSON file of the user's config folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from musegen_app.errors import FileError
from musegen_app.paths import config_dir

THEMES: Final = ("system", "light", "dark")
ENDINGS: Final = ("", "close", "open")
RECORD_MODES: Final = ("overdub", "replace")
JAM_MODES: Final = ("trade", "answer", "along")
MAX_RECENT: Final = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices; change one with :func:`dataclasses.replace`.

    ``port``, ``model`` and ``style``, and ``drum_model`` and ``drum_style`` for drum tracks, are names, "" for the default;
    ``temperature`` 0.05–4; ``folder`` is where the last file was opened or saved; ``window`` is x, y, width, height in
    logical pixels, None before the first start. ``controls`` holds, for each family of models, the values of its own
    controls by name. ``ending`` is "", "close" or "open";
    ``fill_mode`` names a way to fill; ``one_track``: the active track alone is continued; ``chord_lane`` shows
    the chord track, ``follow_chords`` lets it guide; ``more_controls`` shows the lesser controls;
    ``takes`` are drawn at once.
    ``clock_ports`` get our MIDI clock ("" is the main port), that of ``clock_input`` is followed ("" for none).
    ``count_in_bars`` 0–2; the metronome clicks on ``click_port`` ("" is the main one) and ``click_channel`` 0–15.
    ``record_offset_ms`` is how much later a note comes in than it was heard to be due, -500 to 500. ``record_input`` is
    the keyboard, "" for the first there is, "-" for none; ``record_grid`` names the grid that a take is drawn to, "" for
    none, with ``record_strength`` 0–100 %; ``record_thru``: what is played is heard. ``export_swing``: MIDI files
    are written as heard, with the swing. ``jam_mode`` says how turns are taken in
    a jam, whose phrases have ``jam_bars``.
    """

    theme: str = "system"
    port: str = ""
    model: str = ""
    style: str = ""
    drum_model: str = ""
    drum_style: str = ""
    bars: int = 8
    temperature: float = 1.0
    lock_key: bool = True
    metronome: bool = False
    heat_map: bool = False
    surprise_tint: bool = False
    folder: str = ""
    recent_files: tuple[str, ...] = ()
    window: tuple[int, int, int, int] | None = None
    controls: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)
    ending: str = ""
    fill_mode: str = "MUSIC"
    one_track: bool = False
    chord_lane: bool = False
    follow_chords: bool = True
    more_controls: bool = False
    takes: int = 8
    count_in_bars: int = 0
    click_port: str = ""
    click_channel: int = 9
    clock_ports: tuple[str, ...] = ()
    clock_input: str = ""
    record_offset_ms: float = 0.0
    record_input: str = ""
    record_mode: str = "overdub"
    record_grid: str = ""
    record_strength: int = 100
    record_thru: bool = True
    export_swing: bool = True
    jam_mode: str = "answer"
    jam_bars: int = 4

    def with_recent(self, path: Path) -> tuple[str, ...]:
        """``recent_files`` with ``path`` at the front, once, and the oldest let go."""
        name = str(path)
        return (name, *(old for old in self.recent_files if old != name))[:MAX_RECENT]


def settings_path() -> Path:
    """The file."""
    return config_dir() / "settings.json"


def load(path: Path | None = None) -> Settings:
    """Read the settings; what is missing is the default, what is damaged is the default and one logged line."""
    path = path or settings_path()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise TypeError("not an object")
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError, RecursionError) as error:
        _log.warning("Settings in %s cannot be read, so the defaults hold: %s", path, error)
        return Settings()
    return _from_json(raw, path)


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all.

    Raises:
        FileError: the folder cannot be written.
    """
    path = path or settings_path()
    partial = path.with_suffix(".json.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(asdict(settings), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise FileError(f"Settings cannot be saved to {path}: {error.strerror}.", path) from error


def _from_json(raw: dict[str, object], path: Path) -> Settings:
    values = {f.name: raw[f.name] for f in fields(Settings) if f.name in raw}
    wrong = sorted(name for name, value in values.items() if not _FITS[name](value))
    if wrong:
        _log.warning("Settings in %s hold unusable values, so the defaults hold for: %s", path, ", ".join(wrong))
    kept = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if name not in wrong}
    return Settings(**kept)  # type: ignore[arg-type]  # each value was just checked against its field


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(low: float, high: float, *kinds: type) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high  # type: ignore[operator]

    return fits


def _is_window(value: object) -> bool:
    whole = _is_number(-100_000, 100_000, int)
    return value is None or (isinstance(value, list) and len(value) == 4 and all(map(whole, value)) and min(value[2:]) > 0)


def _is_controls(value: object) -> bool:
    number = _is_number(-1e9, 1e9, int, float)
    return isinstance(value, dict) and all(
        isinstance(values, dict) and all(map(number, values.values())) for values in value.values()
    )


_FITS: Final[dict[str, Callable[[object], bool]]] = {
    "theme": lambda value: value in THEMES,
    "port": _is_text,
    "model": _is_text,
    "style": _is_text,
    "drum_model": _is_text,
    "drum_style": _is_text,
    "bars": _is_number(1, 256, int),
    "takes": _is_number(1, 8, int),
    "temperature": _is_number(0.05, 4, int, float),
    "lock_key": _is_flag,
    "metronome": _is_flag,
    "heat_map": _is_flag,
    "surprise_tint": _is_flag,
    "folder": _is_text,
    "recent_files": _is_texts,
    "window": _is_window,
    "controls": _is_controls,
    "ending": lambda value: value in ENDINGS,
    "fill_mode": _is_text,
    "one_track": _is_flag,
    "chord_lane": _is_flag,
    "follow_chords": _is_flag,
    "more_controls": _is_flag,
    "count_in_bars": _is_number(0, 2, int),
    "click_port": _is_text,
    "click_channel": _is_number(0, 15, int),
    "clock_ports": _is_texts,
    "clock_input": _is_text,
    "record_offset_ms": _is_number(-500, 500, int, float),
    "record_input": _is_text,
    "record_mode": lambda value: value in RECORD_MODES,
    "record_grid": _is_text,
    "record_strength": _is_number(0, 100, int),
    "record_thru": _is_flag,
    "export_swing": _is_flag,
    "jam_mode": lambda value: value in JAM_MODES,
    "jam_bars": _is_number(1, 8, int),
}
"""Whether a JSON value may stand for a setting."""
