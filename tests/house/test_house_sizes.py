"""Modules and functions stay small enough to be read at one sitting (house.md: 150 and 10 lines, at most 400 and 50)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for folder in ("musegen_app", "packaging", "tests") for path in (ROOT / folder).rglob("*.py") if path.is_file()
)
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 50
MEDIAN_LINES_OF_A_MODULE = 200
MEDIAN_LINES_OF_A_FUNCTION = 12
FORBIDDEN_NAMES = ("util", "utils", "helper", "helpers", "manager", "managers", "misc", "common")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of_module(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> list[tuple[str, int]]:
    """Name and number of lines of each function, its decorators and the functions inside it counted with it."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(f"{name_of(path)}:{node.lineno} {node.name}", lines_of(node)) for node in found]


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_is_a_house() -> None:
    assert len(SOURCES) > 50


def test_modules_are_short() -> None:
    long = {name_of(path): lines for path in SOURCES if (lines := lines_of_module(path)) > MOST_LINES_OF_A_MODULE}
    assert long == {}


def test_functions_are_short() -> None:
    long = {name: lines for path in SOURCES for name, lines in functions_of(path) if lines > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


def test_most_are_much_shorter(record_property: Callable[[str, object], None]) -> None:
    program = [path for path in SOURCES if name_of(path).startswith("musegen_app/")]
    modules = median(lines_of_module(path) for path in program if path.name != "__init__.py")
    functions = median(lines for path in program for _, lines in functions_of(path))
    record_property("median lines of a module", modules)
    record_property("median lines of a function", functions)
    assert modules <= MEDIAN_LINES_OF_A_MODULE
    assert functions <= MEDIAN_LINES_OF_A_FUNCTION


def test_no_file_is_named_after_nothing() -> None:
    assert [name_of(path) for path in SOURCES if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES] == []
