"""Draw the README's pictures: the window with a seed and its continuation, light and dark, at 100 % and 200 %.

``python packaging/screenshots.py`` starts itself once a picture, because a Qt program has one scale factor for its life.
Each picture shows the real thing: a demo seed read from its file, the shipped model's notes, the roll as it paints itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from musegen_app.ui.studio import Studio
    from musegen_app.ui.train.course import Course

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "resources" / "screenshots"
SEED = ROOT / "resources" / "seeds" / "nocturne.mid"
CHORALE = SEED.with_name("chorale.mid")
SIZE = (1440, 900)
SEED_NUMBER = 20_417
Wait = Callable[[Callable[[], bool]], None]
PATIENCE_S = 60.0
TRAINING_PATIENCE_S = 700.0
CHECKS = 8
LATE = 0.8
MANY = 48
THEMES = ("dark", "light")
SCALES = (1, 2)


def main() -> int:
    """Draw every picture, each in a process of its own."""
    if len(sys.argv) == 4:
        DRAWERS[sys.argv[3]](sys.argv[1], Path(sys.argv[2]))
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for scale in SCALES:
            suffix = "@2x" if scale == 2 else ""
            _start(theme, PICTURES / f"window-{theme}{suffix}.png", scale, "full")
        _start(theme, PICTURES / f"empty-{theme}.png", 1, "empty")
        _start(theme, PICTURES / f"train-{theme}.png", 1, "train")
        _start(theme, PICTURES / f"thoughts-{theme}.png", 1, "thoughts")
        _start(theme, PICTURES / f"fill-{theme}.png", 1, "fill")
        _start(theme, PICTURES / f"jam-{theme}.png", 1, "jam")
    _start("dark", PICTURES / "takes-dark.png", 1, "takes")
    return 0


def _start(theme: str, path: Path, scale: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        variables = {"MUSEGEN_HOME": home, "QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, __file__, theme, str(path), kind]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **variables}, timeout=900)
    print(path.relative_to(ROOT))


def draw(theme: str, path: Path) -> None:
    """Draw the window with a seed and its continuation."""
    from musegen_app.score import TICKS_PER_QUARTER

    with _window(theme) as (studio, wait):
        _continue(studio, wait)
        studio.playing.seek(TICKS_PER_QUARTER * 6)
        studio.editing.fit()
        _grab(studio, wait, path)


def draw_empty(theme: str, path: Path) -> None:
    """Draw the window as it is before there is any music."""
    with _window(theme, None) as (studio, wait):
        _grab(studio, wait, path)


def draw_thoughts(theme: str, path: Path) -> None:
    """Draw what the model thinks: a continuation with its heat map and tint, and a ghost's alternatives, one tried."""
    with _window(theme) as (studio, wait):
        studio.panel.length.set_value(2)
        _continue(studio, wait)
        studio.editing.fit()
        for name in ("surprise", "heat_map"):
            studio.actions[name].trigger()
        wait(lambda: studio.insight.heat is not None and studio.insight.surprise is not None)
        studio.actions["alternatives"].trigger()
        wait(lambda: not studio.thinking.box.isHidden())
        studio.thinking.box.try_row(0)
        _grab(studio, wait, path)


def draw_takes(theme: str, path: Path) -> None:
    """Draw takes: one in the roll, two kept, bars of a third chosen, ghosts locked and liked."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from musegen_app.score import LIKED, LOCKED

    with _window(theme, CHORALE) as (studio, wait):
        _continue(studio, wait)
        wait(lambda: all(take.verdict for take in studio.document.shelf.takes))
        studio.taking.show()
        order = studio.document.shelf.order
        for number in (3, 1):
            studio.taking.hear(order[number])
            studio.taking.star_shown()
        ids = studio.document.ghosts.id.tolist()
        studio.taking.mark(ids[:6], LOCKED)
        studio.taking.mark(ids[4:9], LIKED)
        studio.taking.show()
        card = studio.track_panel.takes.cards[2]
        at = [QPoint(round(card.picture.left() + card.picture.width() * share), 40) for share in (0.3, 0.45)]
        QTest.mousePress(card, Qt.MouseButton.LeftButton, pos=at[0])
        QTest.mouseMove(card, at[1])
        QTest.mouseRelease(card, Qt.MouseButton.LeftButton, pos=at[1])
        studio.editing.fit()
        _grab(studio, wait, path)


def draw_fill(theme: str, path: Path) -> None:
    """Draw a fill: chords found, two bars marked in the ruler, and another melody over them as ghosts."""
    from musegen_app.editor.asking import FillMode
    from musegen_app.editor.marks import Marks
    from musegen_app.score import TICKS_PER_QUARTER
    from musegen_app.ui.panels.wish import Mode

    with _window(theme) as (studio, wait):
        studio.actions["find_chords"].trigger()
        studio.document.set_marks(Marks(4 * TICKS_PER_QUARTER, 12 * TICKS_PER_QUARTER))
        studio.panel.tabs.choose(Mode.FILL)
        studio.panel.fill.modes.button(FillMode.MELODY).click()
        _continue(studio, wait, "fill")
        studio.editing.fit()
        _grab(studio, wait, path)


def draw_jam(theme: str, path: Path) -> None:
    """Draw a jam: the seed is answered while the playhead goes on."""
    from musegen_app.score import TICKS_PER_QUARTER

    with _window(theme) as (studio, wait):
        timeline, last = studio.document.score.timeline, studio.document.active_track.notes.end_tick
        begins = timeline.bar_start(timeline.bar_at(last - 1) + 1)
        _same_each_time(studio)
        studio.playing.seek(begins)
        studio.actions["jam"].trigger()
        wait(lambda: studio.playing.tick > begins + 6 * TICKS_PER_QUARTER and len(studio.document.ghosts) > MANY // 4)
        studio.roll.fit()
        _application().processEvents()
        studio.window.grab().save(str(path))
        studio.actions["jam"].trigger()


@contextmanager
def _window(theme: str, seed: Path | None = SEED) -> Iterator[tuple[Studio, Wait]]:
    """The program's window with a demo seed in it, or empty, and how to wait for it."""
    from musegen_app import app as root

    application = _application()
    with ExitStack() as closing:
        studio = root.build_studio(application, closing)
        studio.choose_theme(theme)
        root.begin_later(studio, [seed] if seed else [])
        studio.window.show()
        studio.window.resize(*SIZE)
        wait = _waiter(application.processEvents)
        wait(lambda: bool(studio.panel.wish.model) and (not seed or bool(studio.document.score.note_count)))
        yield studio, wait


def _same_each_time(studio: Studio) -> None:
    studio.panel.seed.show_number(SEED_NUMBER)
    studio.panel.seed.held.setChecked(True)


def _continue(studio: Studio, wait: Wait, action: str = "continue") -> None:
    """Let the model write, until all its ghosts wait."""
    _same_each_time(studio)
    studio.actions[action].trigger()
    wait(lambda: studio.generating.stage.name == "WAITING")


def _grab(studio: Studio, wait: Wait, path: Path) -> None:
    """Save the picture once nothing moves any more."""
    settled = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > settled)
    studio.window.grab().save(str(path))


def draw_training(theme: str, path: Path) -> None:
    """Train a word LSTM on chorales of music21's, and draw the Train window once it has learnt for a while."""
    from musegen_app import app as root

    application = _application()
    with ExitStack() as closing:
        studio = root.build_studio(application, closing)
        studio.choose_theme(theme)
        wait = _waiter(application.processEvents, TRAINING_PATIENCE_S)
        sheet = studio.train.open()
        studio.train.look_into(_chorales(Path(os.environ["MUSEGEN_HOME"])))
        wait(sheet.setup.start.isEnabled)
        sheet.setup.family.set_value("chord-lstm")
        sheet.setup.start.click()
        training = studio.train.training
        wait(lambda: not training.is_running or _has_learnt(training.course))
        sheet.grab().save(str(path))
        training.discard()
        wait(lambda: not training.is_running)


def _has_learnt(course: Course | None) -> bool:
    """Whether there is something to see."""
    if course is None or course.progress is None:
        return False
    return len(course.held_out) >= CHECKS or course.progress.spent > LATE


def _chorales(folder: Path) -> Path:
    """Chorales of music21's corpus, as MIDI files in a folder."""
    from music21 import corpus

    from musegen_app.files import write_midi
    from musegen_app.files.notation import read_notation

    chorales = folder / "Chorales"
    chorales.mkdir(parents=True, exist_ok=True)
    for number, source in enumerate(sorted(corpus.getComposer("bach"))[:MANY], start=1):
        write_midi(read_notation(source).score, chorales / f"{number:03d}.mid")
    return chorales


def _application() -> QApplication:
    """The application, in a face that is the same on every machine that has it."""
    from PySide6.QtGui import QFontDatabase

    from musegen_app import app as root

    application = root.application()
    if "Inter" in QFontDatabase.families():
        font = application.font()
        font.setFamily("Inter")
        application.setFont(font)
    return application


def _waiter(turn: Callable[[], None], patience_s: float = PATIENCE_S) -> Wait:
    def wait(ready: Callable[[], bool]) -> None:
        latest = time.monotonic() + patience_s
        while not ready():
            if time.monotonic() > latest:
                raise TimeoutError("the window did not come to the state that was to be drawn")
            turn()
            time.sleep(0.005)

    return wait


DRAWERS: dict[str, Callable[[str, Path], None]] = {
    "full": draw,
    "empty": draw_empty,
    "train": draw_training,
    "takes": draw_takes,
    "thoughts": draw_thoughts,
    "fill": draw_fill,
    "jam": draw_jam,
}

if __name__ == "__main__":
    sys.exit(main())
