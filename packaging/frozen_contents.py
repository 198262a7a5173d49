"""What goes into the frozen program, and what stays out of it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ENTRY = ROOT / "musegen_app" / "__main__.py"
RUN_FIRST = ROOT / "packaging" / "matplotlib_stand_in.py"

EXCLUDED_MODULES = (
    "torch",  # training is not part of the frozen program
    "onnx",
    "tqdm",
    "sympy",
    "musegen_app.training",
    "tkinter",
    "matplotlib",  # music21 draws with it and listens with the two below, neither of which is asked of it here
    "scipy",
    "pyaudio",
    "PIL",
    "IPython",
    "pytest",
    "hypothesis",
    "setuptools",
    "numpy.f2py",
)

UNUSED_QT = (
    "Qml",
    "Quick",
    "VirtualKeyboard",
    "Network",
    "Pdf",
    "Sql",
    "Designer",
    "Help",
    "Test",
    "PrintSupport",
    "EglFs",
    "WlShellIntegration",
    "WaylandCompositor",
)
UNUSED_QT_PLUGINS = (
    "qtvirtualkeyboard",
    "networkinformation",
    "tls",
    "sqldrivers",
    "qpdf",
    "egldeviceintegrations",
    "libqeglfs",
    "libqlinuxfb",
    "libqvnc",
    "libqvkkhrdisplay",
    "libqminimal",
    "generic",
    "libqgtk3",
)
UNUSED_LIBRARIES = (  # what GTK's theme plug-in brings along; beside the system's own GTK modules it does harm
    "libgtk-3",
    "libgdk",
    "libatk",
    "libatspi",
    "libcairo",
    "libpango",
    "libpixman",
    "libepoxy",
    "libharfbuzz",
    "libfribidi",
    "libthai",
    "libdatrie",
    "libgraphite2",
    "libgio-",
    "libgobject-",
    "libgmodule-",
    "libmount",
    "libblkid",
    "libselinux",
    "libXcomposite",
    "libXcursor",
    "libXdamage",
    "libXinerama",
)


def datas() -> list[tuple[str, str]]:
    """Pairs of a file and the folder it lies in beside the program: models with their cards, icons, demo seeds."""
    files = [path for folder in ("models", "resources") for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    shipped = [path for path in files if "screenshots" not in path.parts]
    return [(str(path), path.parent.relative_to(ROOT).as_posix()) for path in shipped] + [(str(ROOT / "LICENSE"), ".")]


def is_used(target: str) -> bool:
    """Whether a collected file is kept: Qt's hook takes plug-ins, and by them libraries, that no window of ours asks for."""
    name = target.replace("\\", "/")
    if "PySide6/" not in name and "libQt6" not in name and "Qt6" not in name:
        return not name.startswith(("music21/corpus/", *UNUSED_LIBRARIES))
    if "/translations/" in name:
        return False
    if "/plugins/" in name:
        return not any(plugin in name for plugin in UNUSED_QT_PLUGINS)
    return not any(f"Qt6{module}" in name or f"Qt{module}" in Path(name).stem for module in UNUSED_QT)
