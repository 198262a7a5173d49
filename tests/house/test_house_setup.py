"""The scripts behind ``make``: a fitting Python is found or asked for, missing libraries are named, no display is no end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "packaging"

Command = Callable[[str, str], None]
Debian = Callable[[str, str, int], None]

pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, with a shell's ordinary tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "env", "tr", "grep", "tail", "rm", "cat"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    for name in ("PYTHON", "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def command(path: Path) -> Command:
    def put(name: str, script: str) -> None:
        (path / name).write_text(f"#!/bin/sh\n{script}\n")
        (path / name).chmod(0o755)

    return put


def run(script: str, *argv: str) -> subprocess.CompletedProcess[str]:
    done = [str(SCRIPTS / script), *argv]
    return subprocess.run(done, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_the_first_python_that_runs_and_fits_is_taken(command: Command) -> None:
    command("python3.12", "echo 'command not found' >&2; exit 127")  # a version manager's stand-in
    command("python3.11", f'exec {sys.executable} "$@"')
    done = run("find-python")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{sys.executable}\n", "")


def test_a_python_that_does_not_fit_is_passed_over(command: Command) -> None:
    command("python3", f"exec {sys.executable} -c 'import sys; sys.exit(1)'")  # what 3.13 answers to the question
    command("python", f'exec {sys.executable} "$@"')
    assert run("find-python").stdout == f"{sys.executable}\n"


def test_uv_s_python_will_do(command: Command) -> None:
    command("uv", '[ "$1 $2" = "python find" ] && echo /opt/uv/python3.12')
    assert run("find-python").stdout == "/opt/uv/python3.12\n"


@pytest.mark.parametrize(("manager", "hint"), [("apt-get", "apt-get install python3"), ("brew", "brew install"), ("", "uv")])
def test_without_a_python_one_line_says_what_to_install(command: Command, manager: str, hint: str) -> None:
    if manager:
        command(manager, "exit 1")
    done = run("find-python")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "MuseGen needs Python 3.11 or 3.12" in done.stderr
    assert hint in done.stderr


def test_a_python_that_cannot_make_environments_is_told(command: Command, tmp_path: Path) -> None:
    command("bare", f'case "$*" in *ensurepip*) exit 1 ;; esac; exec {sys.executable} "$@"')
    command("apt-get", "exit 1")
    command("id", "echo 1000")
    done = run("make-venv", "bare", str(tmp_path / "venv"))
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"sudo apt-get install {wanted}" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.fixture
def debian(command: Command) -> Debian:
    """A Debian-like on which all is installed but some packages, and whose release knows some names."""

    def made(missing: str, known: str, user: int) -> None:
        command("dpkg-query", f'case "$4" in {missing}) exit 1 ;; esac; echo "ii "')
        command("apt-cache", f'case "$2" in {known}) echo "  Candidate: 1.0" ;; *) echo "  Candidate: (none)" ;; esac')
        command("apt-get", 'echo "$@" >> "$APT_SAW"')
        command("id", f"echo {user}")

    return made


def test_nothing_missing_nothing_said(debian: Debian) -> None:
    debian("nothing", "*", 1000)
    done = run("system-packages", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_the_line_is_printed_and_the_set_up_goes_on(debian: Debian) -> None:
    debian("libasound2*|libegl1|xvfb", "libasound2", 1000)
    done = run("system-packages", "test")
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("sudo apt-get install --no-install-recommends libegl1 libasound2 xvfb")


def test_the_app_alone_needs_no_server(debian: Debian) -> None:
    debian("xvfb|jackd2", "*", 1000)
    assert run("system-packages", "app").stdout == ""


def test_with_root_only_what_is_missing_is_installed(
    debian: Debian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APT_SAW", str(tmp_path / "apt"))
    debian("libasound2*|libglib2.0-0*|jackd2", "libasound2t64|libglib2.0-0t64|jackd2", 0)
    assert run("system-packages", "test").returncode == 0
    update, install = (tmp_path / "apt").read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("--no-install-recommends libglib2.0-0t64 libasound2t64 jackd2")


def test_elsewhere_than_on_debian_nothing_is_asked() -> None:
    done = run("system-packages", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_with_a_display_the_window_opens(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command("uname", "echo Linux")
    command("musegen", 'echo "window $*"')
    monkeypatch.setenv("DISPLAY", ":7")
    assert run("start", "musegen", "song.mid").stdout == "window song.mid\n"


def test_without_one_the_terminal_does_the_same_job(command: Command) -> None:
    command("uname", "echo Linux")
    command("musegen", 'echo "ran $*"')
    said, ran = run("start", "musegen").stdout.splitlines()
    assert said.startswith("There is no display")
    assert ran == "ran continue resources/seeds/nocturne.mid -o nocturne-continued.mid"
    assert (ROOT / "resources" / "seeds" / "nocturne.mid").is_file()


def test_a_mac_needs_no_such_variable(command: Command) -> None:
    command("uname", "echo Darwin")
    command("musegen", 'echo "window $*"')
    assert run("start", "musegen").stdout.startswith("window")


def test_tests_over_the_collection_say_when_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    ready = tmp_path / "clone" / ".venv"
    (ready / "bin").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "packaging"):
        (tmp_path / "clone" / name).symlink_to(ROOT / name)
    (ready / "bin" / "python").touch()
    (ready / ".test-ready").touch()
    make = ["make", "test-data"]
    done = subprocess.run(make, cwd=tmp_path / "clone", capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "../shared/data, and there is none" in done.stderr
