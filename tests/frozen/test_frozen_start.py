"""The checks that a build must pass, held against the program as it is, and against programs that are broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "packaging" / "build.py"
WAYS = ["version", "models", "continue", "window", "engine", "log"]


def program(folder: Path, script: str) -> Path:
    """A folder that looks like a frozen program and runs ``script``."""
    folder.mkdir()
    (folder / "_internal").symlink_to(ROOT)
    start = folder / "musegen"
    start.write_text(f"#!/bin/sh\n{script}\n")
    start.chmod(0o755)
    return folder


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BUILD), "--check", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)


def from_source(before: str = "") -> str:
    return f'{before}PYTHONPATH={ROOT} exec {sys.executable} -m musegen_app "$@"'


def test_the_program_passes_in_each_of_its_ways(tmp_path: Path) -> None:
    done = checked(program(tmp_path / "built", from_source()))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == WAYS


@pytest.mark.package
@pytest.mark.timeout(600)
def test_what_is_frozen_starts(tmp_path: Path) -> None:
    command = [sys.executable, str(BUILD), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=580)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["built", *WAYS]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 3", "musegen --version (exit code 3)"),
        (from_source("echo 'Qt: something is odd' >&2; "), "Qt: something is odd"),
        (
            from_source('MUSEGEN_HOME=/nowhere; [ "$1" = models ] && { echo \'{"models": [], "broken": []}\'; exit; }; '),
            "models",
        ),
    ],
    ids=["falls over", "complains", "has no models"],
)
def test_a_broken_program_does_not_pass(tmp_path: Path, script: str, told: str) -> None:
    done = checked(program(tmp_path / "built", script))
    assert done.returncode != 0
    assert told in done.stderr


def test_the_wheel_brings_models_and_resources(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MUSEGEN_MODELS")}

    def run(*command: object, cwd: Path = tmp_path) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    place = tmp_path / "place"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    found = run(python, "-c", "import musegen_app.paths as p; print(p.__file__, p.resources_dir())").split()
    assert found == [str(packages / "musegen_app" / "paths.py"), str(place / "share" / "musegen" / "resources")]
    assert (place / "share" / "applications" / "musegen.desktop").is_file()
    assert (place / "share" / "icons" / "hicolor" / "scalable" / "apps" / "musegen.svg").is_file()
    seed = place / "share" / "musegen" / "resources" / "seeds" / "nocturne.mid"
    run(place / "bin" / "musegen", "continue", seed, "-o", "out.mid", "--bars", 1)
    assert (tmp_path / "out.mid").stat().st_size > seed.stat().st_size
