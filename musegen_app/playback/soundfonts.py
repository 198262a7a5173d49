"""Where a synthesiser and its sounds are found on this machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musegen_app.errors import PortError
from musegen_app.paths import data_dir

SOUNDFONT_VARIABLE: Final = "MUSEGEN_SOUNDFONT"
"""Names a soundfont to use before all others."""

GAIN: Final = 0.5
"""Loudness at which a band of full velocities does not clip; FluidSynth's own is 0.2."""

_PROGRAM: Final = "fluidsynth"
_PROGRAM_DIRS: Final = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin")
_FONT_DIRS: Final = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/usr/local/share/fluidsynth",
    "/opt/homebrew/share/soundfonts",
    "~/.local/share/soundfonts",
    "~/Library/Audio/Sounds/Banks",
)
_SUFFIXES: Final = (".sf2", ".sf3")
_LIKED: Final = ("default-gm", "fluidr3_gm", "generaluser", "musescore", "fluidr3", "timgm6mb")
"""Beginnings of the names of General MIDI sets, the best known to work first."""


@dataclass(frozen=True, slots=True)
class Synth:
    """FluidSynth and a General MIDI soundfont, both there."""

    program: Path
    soundfont: Path

    @property
    def live_command(self) -> tuple[str, ...]:
        """Starts it playing to the machine's audio, told what to play by lines on its standard input."""
        return (str(self.program), "-q", "-n", "-g", str(GAIN), str(self.soundfont))


def find_synth() -> Synth:
    """The synthesiser of this machine. Looks at some folders; any thread.

    Raises:
        PortError: FluidSynth or a soundfont is missing; the sentence says how it is installed.
    """
    program = find_program()
    if program is None:
        raise PortError(f"FluidSynth, which turns MIDI into sound, is not installed; {_how_to_install()} installs it.")
    soundfont = next(iter(soundfonts()), None)
    if soundfont is None:
        folder = data_dir() / "soundfonts"
        raise PortError(f"There is no soundfont for FluidSynth; put a General MIDI .sf2 file into {folder}.")
    return Synth(program, soundfont)


def live_synth() -> tuple[tuple[str, ...], str]:
    """The command that starts the synthesiser, or () and a sentence on how to get one."""
    try:
        return find_synth().live_command, ""
    except PortError as error:
        return (), str(error)


def find_program() -> Path | None:
    """FluidSynth's program, or None."""
    found = shutil.which(_PROGRAM) or shutil.which(_PROGRAM, path=os.pathsep.join(_PROGRAM_DIRS))
    return Path(found) if found else None


def soundfonts() -> tuple[Path, ...]:
    """The soundfonts there are: the one ``MUSEGEN_SOUNDFONT`` names, the user's own, then the system's, the best first."""
    given = os.environ.get(SOUNDFONT_VARIABLE)
    named = [Path(given)] if given and Path(given).is_file() else []
    own = _in_folders([data_dir() / "soundfonts"])
    return tuple(dict.fromkeys([*named, *own, *_in_folders(Path(name).expanduser() for name in _FONT_DIRS)]))


def _in_folders(folders: Iterable[Path]) -> list[Path]:
    return sorted((path for folder in folders for path in _fonts_of(folder)), key=_rank)


def _fonts_of(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    except OSError:
        return  # most of the folders are not on any one machine


def _rank(path: Path) -> tuple[int, str]:
    name = path.name.lower()
    return next((place for place, liked in enumerate(_LIKED) if name.startswith(liked)), len(_LIKED)), name


def _how_to_install() -> str:
    if sys.platform == "darwin":
        return "on macOS, brew install fluid-synth"
    if sys.platform == "win32":
        return "on Windows, winget install FluidSynth.FluidSynth"
    return "on Debian and Ubuntu, sudo apt-get install fluidsynth timgm6mb-soundfont"
