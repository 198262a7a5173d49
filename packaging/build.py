"""Freeze MuseGen with PyInstaller, then start what was frozen and read what it says.

``python packaging/build.py`` does both, in ``dist`` and ``build`` or below another folder that is named; with
``--check FOLDER`` it only starts the program that lies in a folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = Path("resources") / "seeds" / "nocturne.mid"
OWN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_DISPLAY", "MUSEGEN_MODELS")


@dataclass(frozen=True)
class Frozen:
    """A frozen program and a folder of its own to run it in."""

    folder: Path
    place: Path

    @property
    def program(self) -> Path:
        return self.folder / ("musegen.exe" if sys.platform == "win32" else "musegen")

    @property
    def seed(self) -> Path:
        return self.folder / "_internal" / SEED

    def run(self, *argv: object, **variables: str) -> bytes:
        """Start it with these arguments and return what it wrote; a complaint or another exit code than 0 ends all."""
        environment = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
        environment |= {"MUSEGEN_HOME": str(self.place / "home"), **variables}
        done = subprocess.run(
            [str(self.program), *map(str, argv)],
            cwd=self.place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode or done.stderr:
            said = (done.stderr or done.stdout).decode(errors="replace")
            sys.exit(f"The frozen program failed: musegen {' '.join(map(str, argv))} (exit code {done.returncode})\n{said}")
        return done.stdout


def check_version(frozen: Frozen) -> str:
    """It starts at all."""
    return frozen.run("--version").decode().strip()


def check_models(frozen: Frozen) -> str:
    """The models are found inside."""
    listing = json.loads(frozen.run("models", "--json"))
    if not listing["models"] or listing["broken"]:
        sys.exit(f"The frozen program does not find its models: {listing}")
    return ", ".join(model["name"] for model in listing["models"])


def check_continue(frozen: Frozen) -> str:
    """The model runs: a bar more of a demo seed."""
    out = frozen.place / "continued.mid"
    answer = json.loads(frozen.run("continue", frozen.seed, "-o", out, "--bars", 1, "--seed", 1, "--json"))
    if answer["notes"] < 1 or out.stat().st_size <= frozen.seed.stat().st_size:
        sys.exit(f"The frozen program continued nothing: {answer}")
    return f"{answer['notes']} notes, {answer['notes_per_s']:.0f} a second"


def check_window(frozen: Frozen) -> str:
    """The window opens, paints and closes, the engine's process with it."""
    frozen.run("--exit-after-first-paint", QT_QPA_PLATFORM="offscreen")
    return "painted"


def check_log(frozen: Frozen) -> str:
    """Nothing of the above was worth a warning in the log."""
    lines = [line for log in frozen.place.glob("home/log/*.log") for line in log.read_text(encoding="utf-8").splitlines()]
    if worries := [line for line in lines if " INFO " not in line]:
        sys.exit("The frozen program logged:\n" + "\n".join(worries))
    return f"{len(lines)} lines, no warning"


def check_engine(frozen: Frozen) -> str:
    """The playback engine starts as a process of the same program, and ends when the pipe from the window does."""
    if not frozen.run("--engine"):
        sys.exit("The frozen program's engine said nothing.")
    return "spoke, and ended with its pipe"


CHECKS: dict[str, Callable[[Frozen], str]] = {
    "version": check_version,
    "models": check_models,
    "continue": check_continue,
    "window": check_window,
    "engine": check_engine,
    "log": check_log,
}


def freeze(place: Path) -> Path:
    """Run PyInstaller on the recipe beside this file; the folder below ``place`` that holds the program."""
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", str(place / "dist"), "--workpath", str(place / "build")),
            str(ROOT / "packaging" / "musegen.spec"),
        ],
        check=True,
        cwd=ROOT,
    )
    return place / "dist" / "musegen"


def check(folder: Path) -> None:
    """Start the program in ``folder`` in each of its ways."""
    with tempfile.TemporaryDirectory() as place:
        frozen = Frozen(folder, Path(place))
        for name, look in CHECKS.items():
            begun = time.perf_counter()
            told = look(frozen)
            print(f"{name:9} {told} ({time.perf_counter() - begun:.1f} s)")


def size_mb(folder: Path) -> float:
    """Size on disk, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def main(argv: list[str]) -> int:
    """Freeze and check, or check alone."""
    if argv[:1] == ["--check"] and len(argv) == 2:
        check(Path(argv[1]).resolve())
        return 0
    if len(argv) > 1 or argv[:1] == ["--check"]:
        print("usage: build.py [FOLDER | --check FOLDER]", file=sys.stderr)
        return 2
    begun = time.perf_counter()
    built = freeze(Path(argv[0]).resolve() if argv else ROOT)
    print(f"built     {built}, {size_mb(built):.0f} MB ({time.perf_counter() - begun:.0f} s)")
    check(built)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
