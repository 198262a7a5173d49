"""Guiding what is written, done by mouse and keyboard in the real window with the shipped model.

``python guiding.py FOLDER``: draws a seed, reads its chords and writes one more, continues over them to a close, and gives
two bars marked in the ruler other pitches in their own rhythm. What was seen is printed as one JSON object.
"""

from __future__ import annotations

import faulthandler
import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from scenario import GIVE_UP_S, QUARTER, Musician, click, hand, until

from musegen_app import app as root
from musegen_app.editor.asking import FillMode
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.wish import Mode

BAR = 4 * QUARTER


class Guide(Musician):
    """One who says where the music goes."""

    def write_chords(self) -> None:
        """Find the chords by keys, and write one after them by hand."""
        lane = self.roll.chords
        self._press("ctrl+shift+k")
        until(lambda: lane.isVisible() and self.document.score.chords, "the chords that were found")
        self.seen["found"] = [span.chord.name for span in self.document.score.chords]
        place = lane.mapToGlobal(self._at(4 * BAR + 40, 12))
        hand("mousemove", place.x(), place.y())
        hand("click", "--repeat", 2, "--delay", 60, 1)
        until(lane.writing.editor.hasFocus, "the line for a chord")
        hand("type", "--delay", "15", "F G7")
        hand("key", "Return")
        until(lambda: not lane.writing.editor.isVisible(), "the chord to be taken")
        self.seen["written"] = [
            [span.start, span.end, span.chord.name] for span in self.document.score.chords if span.start >= 4 * BAR
        ]

    def continue_to_a_close(self) -> None:
        """Over the chords, with an ending."""
        panel = self._child(GeneratePanel)
        click(panel.ending.button("close"))
        click(panel.length.button(2))
        click(self.take.main)
        until(lambda: self.take.stage.name == "WAITING", "the end of the continuation")
        request = self.document.take.request
        self.seen["asked"] = [request.ending, [list(chord) for chord in request.chords][-3:]]
        self._press("Return")
        until(lambda: self.document.take is None, "Return to accept")

    def change_pitches(self) -> None:
        """Bars 2 and 3, marked by two clicks in the ruler, keep their rhythm."""
        panel, bar = self._child(GeneratePanel), self._child(GeneratePanel).tabs.bar
        click(bar, bar.tabRect(list(Mode).index(Mode.FILL)).center())
        hand("keydown", "shift")
        for tick in (BAR, 3 * BAR):
            click(self.roll.ruler, self._at(tick, 14))
        hand("keyup", "shift")
        until(lambda: self.document.marks.span is not None, "the marks")
        click(panel.fill.modes.button(FillMode.RHYTHM))
        self.seen["before"] = self.notes()
        self._press("f")
        until(lambda: self.take.stage.name == "WAITING", "the end of the fill")
        self.seen["span"] = self.document.take.span
        self._press("Return")
        until(lambda: self.document.take is None, "Return to accept")
        self.seen["after"] = self.notes()
        self._press("ctrl+z")
        until(lambda: self.notes() == self.seen["before"], "undo to bring the old notes back")

    def _at(self, tick: int, y: int) -> QPoint:
        return QPoint(round(self.roll.view.viewport.x_of(tick)) + 1, y)


def main() -> int:
    """Play, and print what was seen."""
    faulthandler.dump_traceback_later(GIVE_UP_S, exit=True)
    folder = Path(sys.argv[1])
    guide = Guide(folder)
    application = root.application()
    failures: list[BaseException] = []

    def play() -> None:
        try:
            guide.find()
            guide.draw_seed()
            guide.write_chords()
            guide.continue_to_a_close()
            guide.change_pitches()
            guide.window.grab().save(str(folder / "guided.png"))
            guide.leave()
        except BaseException as failure:  # noqa: BLE001  Qt would swallow it; it is raised below
            failures.append(failure)
            guide.window.grab().save(str(folder / "failure.png"))
            application.exit(1)

    QTimer.singleShot(0, application, play)
    code = root.run_app([])
    if failures:
        raise failures[0]
    print(json.dumps(guide.seen))  # noqa: T201  what the test reads
    return code


if __name__ == "__main__":
    sys.exit(main())
