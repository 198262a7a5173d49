"""What the frozen program is made of, without freezing it (make package does, and starts it)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import grimp
import pytest

from musegen_app.generate import Manifest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contents() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "packaging"))
        import frozen_contents

        yield frozen_contents
        sys.modules.pop("frozen_contents")


def test_every_model_and_resource_goes_in(contents: ModuleType) -> None:
    inside = {f"{folder}/{Path(source).name}" for source, folder in contents.datas()}
    assert all(Path(source).is_file() for source, _ in contents.datas())
    assert {"resources/seeds/nocturne.mid", "resources/icons/musegen.svg"} <= inside
    folders = [path.parent for path in (ROOT / "models").glob("*/model.json")]
    assert folders
    for folder in folders:
        files = ("model.json", *Manifest.read(folder).graph_files, "CARD.md")
        assert {f"models/{folder.name}/{name}" for name in files} <= inside


def test_what_is_left_out_is_used_by_training_alone(contents: ModuleType) -> None:
    graph = grimp.build_graph("musegen_app", include_external_packages=True)
    for excluded in set(contents.EXCLUDED_MODULES) & graph.modules - {"musegen_app.training"}:
        users = graph.find_modules_that_directly_import(excluded)
        assert {user for user in users if not user.startswith("musegen_app.training")} == set(), excluded


@pytest.mark.parametrize(
    "target",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/QtCore.abi3.so",
        "libQt6Gui.so.6",
        "libglib-2.0.so.0",
        "libfontconfig.so.1",
        "onnxruntime/capi/onnxruntime_pybind11_state.so",
    ],
)
def test_what_the_window_uses_goes_in(contents: ModuleType, target: str) -> None:
    assert contents.is_used(target)


@pytest.mark.parametrize(
    "target",
    [
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6\\Qt6Qml.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "libgtk-3.so.0",
        "music21/corpus/bach/bwv66.6.mxl",
    ],
)
def test_what_no_window_of_ours_uses_stays_out(contents: ModuleType, target: str) -> None:
    assert not contents.is_used(target)


def test_the_recipe_is_made_of_these(contents: ModuleType) -> None:
    calls: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}

    class Analysed:
        def __init__(self, *args: object, **kwargs: object) -> None:
            calls["Analysis"] = (args, kwargs)
            self.binaries = [("PySide6/Qt/lib/libQt6Quick.so.6", "", ""), ("PySide6/Qt/lib/libQt6Core.so.6", "", "")]
            self.datas = [("music21/corpus/a.mxl", "", ""), ("LICENSE", "", "")]
            self.pure: list[object] = []
            self.scripts: list[object] = []

    def named(name: str) -> Callable[..., str]:
        def call(*args: object, **kwargs: object) -> str:
            calls[name] = (args, kwargs)
            return name

        return call

    recipe = (ROOT / "packaging" / "musegen.spec").read_text(encoding="utf-8")
    names = {"Analysis": Analysed, **{name: named(name) for name in ("PYZ", "EXE", "COLLECT")}}
    path = list(sys.path)
    try:
        exec(compile(recipe, "musegen.spec", "exec"), {"SPECPATH": str(ROOT / "packaging"), **names})  # noqa: S102 - as PyInstaller does
    finally:
        sys.path[:] = path
    assert calls["Analysis"][0] == ([str(contents.ENTRY)],)
    assert calls["Analysis"][1]["datas"] == contents.datas()
    assert [row[0] for row in calls["COLLECT"][0][1]] == ["PySide6/Qt/lib/libQt6Core.so.6"]
    assert [row[0] for row in calls["COLLECT"][0][2]] == ["LICENSE"]


def test_notation_is_read_without_what_is_left_out(contents: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "tune.abc").write_text("X:1\nT:Tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n")
    program = f"""
import runpy, sys
from pathlib import Path
sys.modules.update(dict.fromkeys({contents.EXCLUDED_MODULES}))
runpy.run_path({str(contents.RUN_FIRST)!r})
from musegen_app.files.notation import read_notation
print(read_notation(Path({str(tmp_path / "tune.abc")!r})).score.note_count)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "8\n", "")
