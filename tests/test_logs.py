"""The log goes to a file and nowhere else."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

import musegen_app
from musegen_app import logs


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    return tmp_path


def test_records_reach_the_file_and_only_while_it_lasts(home: Path) -> None:
    log = logging.getLogger("musegen_app.test")
    with logs.logging_to_file() as path:
        log.info("A port was opened: %s", "Flügel")
    log.info("afterwards")
    assert path == home / "log" / "musegen.log"
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert line.endswith("INFO musegen_app.test: A port was opened: Flügel")


def test_without_records_there_is_no_file(home: Path) -> None:
    with logs.logging_to_file() as path:
        logging.getLogger("musegen_app.test").debug("too fine")
    assert not path.exists()


def test_other_packages_are_heard_when_it_matters(home: Path) -> None:
    with logs.logging_to_file() as path:
        logging.getLogger("chatty").info("by the way")
        logging.getLogger("chatty").warning("beware")
    assert path.read_text(encoding="utf-8").endswith("WARNING chatty: beware\n")
    assert "by the way" not in path.read_text(encoding="utf-8")


def test_the_file_is_rotated(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    with logs.logging_to_file():
        for number in range(200):
            logging.getLogger("musegen_app.test").info("line %d", number)
    names = sorted(path.name for path in (home / "log").iterdir())
    assert names == ["musegen.log", *(f"musegen.log.{n}" for n in range(1, logs.KEPT_FILES + 1))]


def test_a_place_that_cannot_be_written_stops_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (home / "log").write_text("a file where the folder should be")
    with logs.logging_to_file():
        logging.getLogger("musegen_app.test").info("lost, and that is fine")
    assert capfd.readouterr() == ("", "")


def test_a_real_process_keeps_its_terminal_clean(home: Path) -> None:
    program = (
        "import logging, warnings\n"
        "from musegen_app.logs import logging_to_file\n"
        "with logging_to_file():\n"
        "    logging.getLogger('musegen_app').error('a fault')\n"
        "    warnings.warn('a warning', stacklevel=1)\n"
    )
    root = Path(musegen_app.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (home / "log" / "musegen.log").read_text(encoding="utf-8")
    assert "ERROR musegen_app: a fault" in text
    assert "a warning" in text
