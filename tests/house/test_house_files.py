"""What is tracked: the top level, the words, and a README that tells what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from unittest.mock import Mock

import pytest

from musegen_app.cli.table import COMMANDS
from musegen_app.ui.commands import command_table

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "constraints.txt",
    "models",
    "musegen_app",
    "packaging",
    "pyproject.toml",
    "resources",
    "tests",
}
# Written apart, or this file would be the first to hold them. Places of one machine and one registry have no business here.
BANNED = [a + b for a, b in (("/wo", "rk/"), ("/.libr", "ary"), ("/opt/wh", "eels"), ("/opt/py", "pi"), ("pypi", ".org"))]
BANNED += [a + b for a, b in (("pythonhost", "ed"), ("find-li", "nks"), ("extra-in", "dex"), ("/ro", "ot/"))]
UNFINISHED = [a + b for a, b in (("TO", "DO"), ("FIX", "ME"), ("NotImplemented", "Error"), ("pytest.sk", "ip"))]
UNFINISHED += [a + b for a, b in (("mark.sk", "ip"), ("xf", "ail("), ("mark.xf", "ail"))]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for name in tracked():
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw[:8000]:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_top_level_holds_what_belongs_there() -> None:
    assert {name.split("/")[0] for name in tracked()} == TOP


@pytest.mark.parametrize("words", [BANNED, UNFINISHED], ids=["places of one machine", "unfinished work"])
def test_words_that_do_not_belong(words: list[str]) -> None:
    found = [(name, word) for name, text in texts() for word in words if word in text]
    assert found == []


def test_text_files_are_utf_8_with_one_newline_at_the_end() -> None:
    odd = [
        name
        for name, text in texts()
        if "\ufffd" in text or "\r" in text or (text and not text.endswith("\n")) or text.endswith("\n\n")
    ]
    assert [name for name in odd if Path(name).suffix in {".py", ".md", ".toml", ".svg", ".json", ".txt"}] == []


def test_no_file_is_large_but_the_models() -> None:
    large = {name: size for name in tracked() if (size := (ROOT / name).stat().st_size) > 1_000_000}
    assert [name for name in large if not name.startswith("models/")] == []


def test_shipped_data_is_beside_its_licence() -> None:
    for folder in (ROOT / "models").iterdir():
        if (folder / "model.json").is_file():
            assert (folder / "CARD.md").is_file(), folder.name


def test_every_make_command_of_the_readme_exists() -> None:
    told = set(re.findall(r"\bmake ([a-z-]+)", readme()))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test"} <= told <= there


def test_the_makefile_tells_every_command_it_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    assert declared <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_every_command_of_the_terminal_stands_in_the_readme() -> None:
    told = set(re.findall(r"\bmusegen ([a-z]+)\b", readme()))
    assert set(COMMANDS) <= told


def test_every_key_of_the_window_stands_in_the_readme() -> None:
    (keys,) = re.findall(r"## Keys\n(.*?)\n## ", readme(), re.DOTALL)
    words = re.findall(r"[^\s|,:]+", keys)
    table = command_table(*(Mock() for _ in range(7)))
    assert {command.keys[0] for command in table if command.keys} - {*words, *(word.rstrip(".") for word in words)} == set()


def test_every_file_the_readme_names_exists() -> None:
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", readme()) if "://" not in target]
    assert links
    assert [target for target in links if not (ROOT / target).exists()] == []


def test_every_room_stands_in_the_map_of_rooms() -> None:
    text = (ROOT / "musegen_app" / "README.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "musegen_app").glob("*/__init__.py")]
    assert rooms
    assert [room for room in rooms if f"`{room}`" not in text] == []


def test_pins_name_no_place() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert (
            not line or line.startswith("#") or re.fullmatch(r'[A-Za-z0-9.-]+==[0-9][\w.]*(; sys_platform == "\w+")?', line)
        ), line


def test_everything_the_project_asks_for_is_pinned() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = {name.lower() for name in re.findall(r'"([A-Za-z][A-Za-z0-9-]*)(?:>=|==)', project)}
    pinned = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert asked
    assert asked - pinned == set()
