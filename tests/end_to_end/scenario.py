"""The main job, done by mouse and keyboard in the real window: run as a program of its own on a display.

``python scenario.py FOLDER [SCORE]``: draws a seed (or opens a score), continues it, accepts, undoes, redoes and exports to
``FOLDER/out.mid``. Mouse and keys are the X server's own (xdotool), so they take every step a musician's would. What was
seen on the way is printed as one JSON object.
"""

from __future__ import annotations

import faulthandler
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton, QWidget

from musegen_app import app as root
from musegen_app.score import NoteTable
from musegen_app.ui.main_window import MainWindow
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.take_box import TakeBox
from musegen_app.ui.roll.alternatives_box import AlternativesBox
from musegen_app.ui.roll.area import RollArea

PATIENCE_S = 60.0
GIVE_UP_S = 100.0
QUARTER = 960
MELODY = (60, 64, 67, 72, 71, 67, 64, 60, 62, 65, 69, 74, 72, 71, 69, 67)


def hand(*words: object) -> None:
    """Move the mouse or press keys."""
    subprocess.run(["xdotool", *map(str, words)], check=True, timeout=20)
    QTest.qWait(25)


def until(ready: Callable[[], object], what: str) -> None:
    """Let the window work until something is so."""
    latest = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < latest, f"waited in vain for {what}"
        QTest.qWait(5)


def click(widget: QWidget, at: QPoint | None = None, button: int = 1) -> None:
    """Click a widget, in its middle or at a place of its own."""
    place = widget.mapToGlobal(at or widget.rect().center())
    hand("mousemove", place.x(), place.y())
    hand("click", button)


class Musician:
    """Who sees only what the window shows, and uses only mouse and keys."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out.mid"
        self.seen: dict[str, object] = {}

    def find(self) -> None:
        self.window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        self.roll = self._child(RollArea)
        self.take = self._child(TakeBox)
        self.document = self.roll._document
        until(lambda: self._child(GeneratePanel).wish.model, "the models")
        self.window.activateWindow()
        until(lambda: QApplication.activeWindow() is self.window, "the window to take the keys")

    def draw_seed(self) -> None:
        assert not self.document.score.note_count
        view = self.roll.view.viewport
        for index, pitch in enumerate(MELODY):
            x, y = view.x_of(index * QUARTER) + 1, view.y_of(pitch) + view.row_px / 2
            click(self.roll.canvas, QPoint(round(x), round(y)))
            assert self.document.score.note_count == index + 1, f"note {index + 1} was not drawn"

    def keep_a_continuation(self) -> None:
        seed = self.notes()
        self.seen["seed"] = seed
        click(self.take.main)
        until(lambda: len(self.document.ghosts) > 0, "the first ghost")
        assert self.notes() == seed, "ghosts are not notes yet"
        until(lambda: self.take.stage.name == "WAITING", "the end of the continuation")
        self.see_what_it_thinks()
        self.seen["ghosts"] = _rows(self.document.ghosts)
        self.seen["span"] = self.document.take.span
        self._press("Return")
        until(lambda: self.document.take is None, "Return to accept")
        self.seen["accepted"] = self.notes()
        self._press("ctrl+z")
        until(lambda: self.notes() == seed, "undo to bring the seed back")
        self.seen["undone"] = self.notes()
        self._press("ctrl+y")
        until(lambda: self.notes() == self.seen["accepted"], "redo to bring the continuation back")

    def see_what_it_thinks(self) -> None:
        """Heat map and tint by their keys; a ghost's likeliest alternative, tried and swapped in by the arrows and Enter."""
        thoughts = self.roll.canvas.thoughts
        ids = self.document.ghosts.id.tolist()
        self._press("h")
        until(lambda: thoughts.heat is not None, "the heat map")
        self._press("u")
        until(lambda: thoughts.tint is not None and all(map(thoughts.words_of, ids)), "the tint on every ghost")
        box, view, ghost = self._child(AlternativesBox), self.roll.view.viewport, self.document.ghosts[0]
        middle = view.x_of(ghost.start + ghost.length / 2), view.y_of(ghost.pitch) + view.row_px / 2
        click(self.roll.canvas, QPoint(*map(round, middle)), button=3)
        until(box.hasFocus, "the alternatives")
        asked = thoughts.asked
        hand("key", "Down")
        until(lambda: thoughts.tried is not None, "an alternative to be tried")
        tried = thoughts.tried
        hand("key", "Return")
        until(lambda: not box.isVisible() and self.roll.canvas.hasFocus(), "the box to close")
        assert self.document.take is not None, "the box's Enter is its own"
        swapped = self.document.ghosts.having([asked.id])[0]
        assert (swapped.start, swapped.pitch) == (asked.start, tried.pitch) != (asked.start, asked.pitch)
        self.seen["swapped"] = [swapped.start, swapped.length, swapped.pitch, swapped.velocity]
        for keys in ("h", "u"):
            self._press(keys)
        until(lambda: thoughts.heat is None and thoughts.tint is None, "the thoughts to go")

    def export(self) -> None:
        self._answer(QFileDialog, self._name_file)
        self._press("ctrl+e")
        until(self.out.exists, "the exported file")

    def leave(self) -> None:
        self._answer(QMessageBox, self._do_not_save)
        self._press("ctrl+q")

    def notes(self) -> list[list[int]]:
        return sorted(row for track in self.document.score.tracks for row in _rows(track.notes))

    def _press(self, keys: str) -> None:
        self.window.activateWindow()
        until(lambda: QApplication.activeWindow() is self.window, "the window to take the keys")
        hand("key", keys)

    def _answer(self, kind: type, act: Callable[[QWidget], None]) -> None:
        """Once a dialog of this kind stands and takes the keys, act on it. It runs a loop of its own, hence the timer."""
        timer = QTimer(self.window)
        timer.setInterval(50)

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, kind) and QApplication.activeWindow() is dialog:
                timer.stop()
                act(dialog)

        timer.timeout.connect(look)
        timer.start()

    def _name_file(self, _dialog: QWidget) -> None:
        hand("key", "ctrl+a")
        hand("type", "--delay", "5", str(self.out))
        hand("key", "Return")

    def _do_not_save(self, box: QWidget) -> None:
        click(next(b for b in box.findChildren(QPushButton) if b.text().startswith("Don")))

    def _child(self, kind: type) -> QWidget:
        return self.window.findChildren(kind)[0]


def _rows(notes: NoteTable) -> list[list[int]]:
    return sorted([n.start, n.length, n.pitch, n.velocity] for n in notes)


def main() -> int:
    """Play the scenario and print what was seen."""
    faulthandler.dump_traceback_later(GIVE_UP_S, exit=True)
    folder, scores = Path(sys.argv[1]), sys.argv[2:]
    musician = Musician(folder)
    application = root.application()
    failures: list[BaseException] = []

    def play() -> None:
        try:
            musician.find()
            if scores:
                until(lambda: musician.document.score.note_count, "the score")
                QTest.qWait(300)  # the panel makes room for a choice of parts
            else:
                musician.draw_seed()
            musician.keep_a_continuation()
            musician.export()
            musician.leave()
        except BaseException as failure:  # noqa: BLE001  Qt would swallow it; it is raised below
            failures.append(failure)
            musician.window.grab().save(str(folder / "failure.png"))
            application.exit(1)

    QTimer.singleShot(0, application, play)
    code = root.run_app(scores)
    if failures:
        raise failures[0]
    print(json.dumps(musician.seen))  # noqa: T201  what the test reads
    return code


if __name__ == "__main__":
    sys.exit(main())
