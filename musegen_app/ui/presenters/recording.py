"""Recording in the window: its button and menu, what grows in the roll, and which keys play."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QWidgetAction

from musegen_app.editor.document import Document
from musegen_app.editor.grid import SNAPS
from musegen_app.midi_io.inputs import FIRST
from musegen_app.midi_io.virtual_port import virtual_name
from musegen_app.playback.ears import Ears
from musegen_app.ui.actions import Command
from musegen_app.ui.controls.number_field import NumberField
from musegen_app.ui.flows.files import Files
from musegen_app.ui.flows.playing import SILENT, Playing
from musegen_app.ui.flows.recording import Recording
from musegen_app.ui.main_window import MainWindow
from musegen_app.ui.menus import named
from musegen_app.ui.panels.transport import TransportBar
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.beat import BeatPresenter
from musegen_app.ui.presenters.midi_setup import MidiSetup
from musegen_app.ui.roll.canvas import Canvas
from musegen_app.ui.typing_keyboard import TypingKeyboard

MODES: Final = (
    ("overdub", "Overdub", "What is there stays, and more comes to it"),
    ("replace", "Replace", "What you play takes the place of what is there"),
)
STRENGTHS: Final = (100, 75, 50, 25)
MOST_MS: Final = 500
_OFFSET_TIP: Final = "Milliseconds by which notes are put earlier: drag, scroll or double-click to type"


class RecordPresenter(QObject):
    """Joins recording and the typing keyboard to bar, roll and settings."""

    def __init__(self, document: Document, playing: Playing, preferences: Preferences) -> None:
        super().__init__()
        self._document, self._preferences = document, preferences
        self.recording = Recording(document, playing, Ears(), preferences)
        self.typing = TypingKeyboard(self.recording.type)
        self._actions: Mapping[str, QAction] = {}
        self._chip = QLabel()
        self._chip.setProperty("kind", "small")
        self._chip.setAccessibleName("Keys that play")
        self._chip.hide()

    def commands(self) -> tuple[Command, ...]:
        """Its rows of the menus."""
        recording = self.recording
        return (
            Command("record", "Play", "Record", ("R",), recording.toggle, checkable=True, gap=True),
            Command(
                "step_input", "Play", "Step input", ("Shift+R",), recording.toggle_step,
                "Chords you play go in at the playhead, step by step", checkable=True,
            ),
            Command("step_rest", "Play", "Rest, or hold longer", (".",), recording.rest, "Step input: on by a step"),
            Command("step_back", "Play", "Step back", (",",), recording.back, "Step input: take the last step back"),
            Command(
                "typing_keyboard", "Play", "Typing keyboard", ("Shift+T",), self._toggle_typing,
                "Play on the keys A to ; and W to P; Z and X change the octave", checkable=True,
            ),
        )  # fmt: skip

    def show_on(self, bar: TransportBar, window: MainWindow, canvas: Canvas, actions: Mapping[str, QAction]) -> None:
        """Keep these in step."""
        self._actions, self._window = actions, window
        bar.take_in.fill = self.fill
        window.status.add_legends(self._chip)
        self.typing.watch(window)
        self.recording.grown.connect(canvas.show_recorded)
        self.recording.changed.connect(self._show)
        self.typing.changed.connect(self._show)
        self._show()

    def join(
        self,
        beat: BeatPresenter,
        midi: MidiSetup,
        files: Files,
        speak: tuple[Callable[[str], None], Callable[[str], None]],
    ) -> None:
        """Let others' choices into the menu, and keep takes from being lost; ``speak`` is for remarks and for news."""
        self._beat, self._midi = beat, midi
        midi.calibrating.began.connect(lambda: self.recording.listen(SILENT))  # played through, a loopback never ends
        midi.calibrating.ended.connect(lambda: self.recording.listen(self._preferences.value.record_input))
        files.settle_first(self.recording.finish)
        self.recording.said.connect(speak[0])
        self.recording.told.connect(speak[1])

    def start(self) -> None:
        """Listen to the musician's keyboard."""
        self.recording.start()

    def close(self) -> None:
        """Keep what is being recorded, and listen no longer."""
        self.typing.switch(on=False)
        self.recording.close()

    # --- the menu -----------------------------------------------------------------------------------------------------

    def fill(self, menu: QMenu) -> None:
        """Put the choices into a menu."""
        chosen = self._preferences.value
        for mode, words, tip in MODES:
            choice = _choice(menu, words, partial(self._change, record_mode=mode), chosen=mode == chosen.record_mode)
            choice.setToolTip(tip)
        menu.addSeparator()
        self._beat.fill_counts(menu.addMenu("Count in"))
        self._fill_grids(menu.addMenu(self._grid_words()))
        menu.addSeparator()
        keyboard = "none" if chosen.record_input == SILENT else self.recording.keyboard or "none is there"
        self._fill_inputs(menu.addMenu(f"Keyboard: {named(keyboard)}"))
        _choice(menu, "Hear what you play", self._toggle_thru, chosen=chosen.record_thru)
        self._fill_offset(menu.addMenu(f"Put notes earlier: {chosen.record_offset_ms:g} ms"))
        menu.addSeparator()
        for name in ("step_input", "typing_keyboard"):
            menu.addAction(self._actions[name])

    def _grid_words(self) -> str:
        settings = self._preferences.value
        if not settings.record_grid:
            return "Draw to the grid: off"
        return f"Draw to the grid: {settings.record_grid}, {settings.record_strength} %"

    def _fill_grids(self, menu: QMenu) -> None:
        settings = self._preferences.value
        _choice(menu, "Off: as it was played", partial(self._change, record_grid=""), chosen=not settings.record_grid)
        for snap in SNAPS:
            if snap.ticks > 1:
                chosen = snap.name == settings.record_grid
                _choice(menu, snap.name, partial(self._change, record_grid=snap.name), chosen=chosen)
        menu.addSeparator()
        for percent in STRENGTHS:
            words = "All the way" if percent == STRENGTHS[0] else f"{percent} % of the way"
            chosen = percent == settings.record_strength
            _choice(menu, words, partial(self._change, record_strength=percent), chosen=chosen)

    def _fill_inputs(self, menu: QMenu) -> None:
        now, seen = self._preferences.value.record_input, self.recording.inputs.list
        there = (*seen.names, *([virtual_name()] if virtual_name() and seen.names else []))
        _choice(menu, "The first there is", partial(self._listen, FIRST), chosen=now == FIRST)
        for name in (*there, *([now] if now not in (FIRST, SILENT, *there) else [])):
            words = named(name) if name in there else f"{named(name)} (not there)"
            _choice(menu, words, partial(self._listen, name), chosen=name == now)
        if seen.problem:
            menu.addAction(seen.problem).setEnabled(False)
        menu.addSeparator()
        _choice(menu, "None", partial(self._listen, SILENT), chosen=now == SILENT)

    def _fill_offset(self, menu: QMenu) -> None:
        field = NumberField("Milliseconds", (-MOST_MS, MOST_MS), 140, _OFFSET_TIP)
        field.set_value(self._preferences.value.record_offset_ms)
        field.changed.connect(lambda ms: self._change(record_offset_ms=float(ms)))
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(field)
        menu.addAction(holder)
        menu.addAction("Measure the delay…").triggered.connect(lambda: self._midi.open_calibration(self._window))

    # --- choices ------------------------------------------------------------------------------------------------------

    def _change(self, **changes: str | float) -> None:
        self._preferences.change(**changes)

    def _listen(self, name: str) -> None:
        self._preferences.change(record_input=name)
        self.recording.listen(name)

    def _toggle_thru(self) -> None:
        on = not self._preferences.value.record_thru
        self._preferences.change(record_thru=on)
        self.recording.set_thru(on=on)

    def _toggle_typing(self) -> None:
        self.typing.switch(on=not self.typing.is_on)

    # --- showing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        recording, typing = self.recording, self.typing
        recording.is_typing = typing.is_on
        for name, on in (
            ("record", recording.is_recording),
            ("step_input", recording.is_stepping),
            ("typing_keyboard", typing.is_on),
        ):
            self._actions[name].setChecked(on)
        for name in ("step_rest", "step_back"):
            self._actions[name].setEnabled(recording.is_stepping)
        parts = [f"Typing plays {typing.words}"] if typing.is_on else []
        parts += ["Step input"] if recording.is_stepping else []
        self._chip.setText("  ·  ".join(parts))
        self._chip.setVisible(bool(parts))


def _choice(menu: QMenu, text: str, choose: Callable[[], None], *, chosen: bool) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(lambda _=False: choose())
    return action
