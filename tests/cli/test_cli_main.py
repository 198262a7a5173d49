"""The table of commands, help, and how things that cannot be done are told."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import Musegen, Refused

from musegen_app import __version__
from musegen_app.cli import main, window
from musegen_app.cli.table import COMMANDS


def test_help_and_version_answer(musegen: Musegen) -> None:
    answer = musegen("--help")
    assert (answer.code, answer.err) == (0, "")
    assert all(name in answer.out for name in COMMANDS)
    assert musegen("--version").out == f"MuseGen {__version__}\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_has_help(musegen: Musegen, name: str) -> None:
    answer = musegen(name, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"musegen {name}" in answer.out


def test_the_commands_are_those_the_readme_names() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `musegen (\w+)", readme, flags=re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["sing"], '"sing" is not a command or a file MuseGen knows (see "musegen --help").'),
        (["missing.mid"], '"missing.mid" is not a command or a file MuseGen knows (see "musegen --help").'),
        (["--loud"], '"--loud" is not an option MuseGen knows (see "musegen --help").'),
        (["models", "--loud"], "Unrecognized arguments: --loud"),
        (["models", "extra"], "Unrecognized arguments: extra"),
        (["continue"], "The following arguments are required: SEED, -o/--output"),
        (["continue", "a.mid", "-o", ""], "-o/--output: the path is empty"),
        (["continue", "a.mid", "-o"], "-o/--output: expected one argument"),
        (["train", "folder", "-o", "m", "--family", "choir"], "invalid choice: 'choir'"),
        (["bench", "beauty"], "Nothing called beauty is measured"),
    ],
)
def test_a_bad_command_line_costs_one_sentence(refused: Refused, argv: list[str], sentence: str) -> None:
    assert sentence in refused(*argv)


def test_control_c_ends_quietly(musegen: Musegen, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_dispatch", interrupt)
    answer = musegen("models")
    assert (answer.code, answer.out, answer.err) == (130, "", "")


def test_a_fault_of_ours_goes_to_the_log_with_its_traceback(
    musegen: Musegen, monkeypatch: pytest.MonkeyPatch, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(argv: list[str]) -> int:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(main, "_dispatch", fail)
    answer = musegen("models")
    log = home / "home" / "log" / "musegen.log"
    assert answer.code == 70
    assert answer.err == f"musegen: Something went wrong inside MuseGen; {log} tells more.\n"
    assert "ZeroDivisionError: a fault of ours" in log.read_text(encoding="utf-8")
    caplog.clear()


def test_run_leaves_the_logging_of_its_caller_as_it_was(musegen: Musegen) -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    musegen("--version")
    assert (list(root.handlers), root.level) == before


def test_without_a_display_the_window_says_so(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "There is no display" in refused()


def test_a_file_named_like_a_command_does_not_hide_it(musegen: Musegen, home: Path) -> None:
    (home / "models").mkdir()
    (home / "ports").write_text("a file called ports")
    answer = musegen("models")
    assert (answer.code, answer.out) == (0, "No model is installed.\n")
    assert musegen("ports", "--help").code == 0


@pytest.mark.parametrize("argv", [[], ["song.mid"], ["--exit-after-first-paint"]])
def test_no_command_opens_the_window(musegen: Musegen, monkeypatch: pytest.MonkeyPatch, home: Path, argv: list[str]) -> None:
    (home / "song.mid").write_bytes(b"MThd")
    opened: list[list[str]] = []

    def open_window(argv: list[str]) -> int:
        opened.append(argv)
        return 0

    monkeypatch.setattr(window, "run", open_window)
    assert musegen(*argv).code == 0
    assert opened == [argv]


def musegen_process(*argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "musegen_app", *argv], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_real_process_answers_and_refuses(home: Path) -> None:
    good = musegen_process("--version", cwd=home)
    assert (good.returncode, good.stdout, good.stderr) == (0, f"MuseGen {__version__}\n", "")
    bad = musegen_process("continue", "missing.mid", "-o", "out.mid", cwd=home)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.count("\n") == 1
    assert "missing.mid" in bad.stderr
    assert not (home / "out.mid").exists()


def test_a_reader_that_goes_away_is_no_fault(home: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' -m musegen_app continue --help | true"],
        cwd=home, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stderr == ""


def test_a_console_without_music_signs_costs_a_character_not_the_answer(
    home: Path, melody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = musegen_process("continue", str(melody), "-o", "out.mid", "--key", "C major", "--range", "61-61", cwd=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    odd = musegen_process("continue", "fr\udcfchling.mid", "-o", "out.mid", cwd=home)
    assert odd.returncode == 2
    assert "hling.mid does not exist" in odd.stderr
