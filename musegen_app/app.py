"""The composition root: builds the rooms, wires them to the window, and closes them in reverse order."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from musegen_app.ui.startup import collect_garbage_again, running_ms  # first: where the system is silent it counts from here

from PySide6.QtCore import QTimer  # isort: skip
from PySide6.QtWidgets import QApplication  # isort: skip

from musegen_app import settings
from musegen_app.editor.document import Document
from musegen_app.generate import registry
from musegen_app.generate.request import Generator
from musegen_app.jobs import GenerationWorker, JobEvent
from musegen_app.playback.client import Player
from musegen_app.playback.soundfonts import live_synth
from musegen_app.ui.appearance import Appearance
from musegen_app.ui.background import Background
from musegen_app.ui.bridge import Bridge
from musegen_app.ui.dialogs import Dialogs
from musegen_app.ui.icons import app_icon
from musegen_app.ui.memory import keep_freed_memory
from musegen_app.ui.parts import Rooms
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.quitting import SignalWatch
from musegen_app.ui.studio import Studio

EXIT_AFTER_FIRST_PAINT: Final = "--exit-after-first-paint"


def run_app(argv: list[str]) -> int:
    """Open the window, with a file if ``argv`` names one, and return the exit code once it is closed.

    With ``--exit-after-first-paint`` it prints ``{"first_paint_ms": …}``, counted from the start of the process, and closes.
    """
    keep_freed_memory()
    app = application()
    with ExitStack() as closing:
        studio = build_studio(app, closing)
        begin_later(studio, [Path(argument) for argument in argv if not argument.startswith("-")])
        if EXIT_AFTER_FIRST_PAINT in argv:
            studio.window.first_painted.connect(lambda: _report_first_paint(app))
        watch = SignalWatch(app.quit)
        closing.callback(watch.close)
        studio.window.closed.connect(app.quit)
        studio.window.first_painted.connect(collect_garbage_again)
        studio.window.show()
        return app.exec()


def application() -> QApplication:
    """The application object, with our name and icon (the one there is, if there is one)."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("MuseGen")
    app.setDesktopFileName("musegen")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(app_icon())
    return app


def build_studio(app: QApplication, closing: ExitStack) -> Studio:
    """Build everything from the bottom up; ``closing`` closes what is built first last."""
    preferences = Preferences(settings.load())
    closing.callback(preferences.close)
    appearance = Appearance(app, preferences.value.theme)
    closing.callback(appearance.close)
    player = Player(*live_synth())
    closing.callback(player.close)
    background = Background()
    closing.callback(background.close)

    def receive(event: JobEvent) -> None:
        studio.receive(event)

    events = Bridge(receive)
    worker = GenerationWorker(_load, events.post)
    closing.callback(worker.close)
    closing.callback(events.close)
    dialogs = Dialogs()
    studio = Studio(Rooms(Document(), player, worker, background, dialogs, appearance, preferences, registry.listing))
    closing.callback(studio.close)
    dialogs.parent = studio.window
    studio.window.place(preferences.value.window)
    studio.window.closed.connect(lambda: preferences.change(window=studio.window.placement))
    return studio


def begin_later(studio: Studio, files: list[Path]) -> None:
    """Once the window has shown, begin what would have held it up."""

    def begin() -> None:
        studio.start()
        if files:
            studio.files.open_path(files[0])

    studio.window.first_painted.connect(lambda: QTimer.singleShot(0, studio, begin))


def _load(model: str) -> Generator:
    """The worker's way to a model; on its thread, so that ONNX Runtime's import holds nobody up."""
    return registry.load(registry.find(model))


def _report_first_paint(app: QApplication) -> None:
    print(json.dumps({"first_paint_ms": round(running_ms(), 1)}), flush=True)  # noqa: T201  the answer that was asked for
    QTimer.singleShot(0, app, app.quit)
