"""Jamming in the window: its command, its tab, whose turn it is, and what the panel asks for meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel

from musegen_app.editor.asking import has_others
from musegen_app.editor.document import Document, Topic
from musegen_app.editor.jam import MOST_BARS, Jam, JamMode, Turn
from musegen_app.editor.takes import Span
from musegen_app.encoding.drums import DRUMS
from musegen_app.score import Timeline
from musegen_app.ui.actions import Command
from musegen_app.ui.flows.generating import Generating, why_not_heard
from musegen_app.ui.flows.jam_asking import JamWish
from musegen_app.ui.flows.jamming import Band, Jamming
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.main_window import MainWindow
from musegen_app.ui.panels.generate import NO_DRUMMER, GeneratePanel
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.panels.turn_meter import TurnView
from musegen_app.ui.panels.wish import Mode
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.continuing import NO_MODEL, ContinuePresenter
from musegen_app.ui.presenters.key import KeyWatch

BUSY: Final = "The jam goes on; stop it first."
_MOST_CELLS: Final = 8
_TIP: Final = "Play, and the model answers on the next beat and goes on; again to stop"


@dataclass(frozen=True, slots=True)
class JamStands:
    """What the presenter joins."""

    document: Document
    playing: Playing
    generating: Generating
    continuing: ContinuePresenter
    key: KeyWatch
    panel: GeneratePanel
    window: MainWindow
    preferences: Preferences


class JamPresenter(QObject):
    """Joins the jam to panel, transport and status line. Give it these with :meth:`show_on`."""

    def __init__(self, band: Band) -> None:
        super().__init__()
        self.jamming = Jamming(band, self._asks)
        self._stands: JamStands | None = None
        self._chip = QLabel()
        self._chip.setProperty("kind", "small")
        self._chip.setAccessibleName("Jam")
        self._chip.hide()

    def commands(self) -> tuple[Command, ...]:
        """Its row of the menus."""
        return (Command("jam", "Continue", "Jam", ("J", "Ctrl+J"), self.toggle, _TIP, checkable=True, gap=True),)

    def show_on(self, stands: JamStands, actions: Mapping[str, QAction], speak: tuple[Callable[[str], None], ...]) -> None:
        """Keep these in step; ``speak`` is for remarks and for news."""
        self._stands, self._actions = stands, actions
        settings = stands.preferences.value
        stands.panel.jam.show_choices(JamMode(settings.jam_mode), settings.jam_bars)
        stands.panel.jam.changed.connect(self._remember)
        for signal in (stands.panel.changed, stands.panel.model_chosen, stands.key.changed):
            signal.connect(lambda *_: self.jamming.choices_changed())
        stands.panel.mode_changed.connect(lambda _mode: self.show())
        stands.generating.stage_changed.connect(lambda _stage: self.show())
        stands.playing.moved.connect(self._moved)
        stands.continuing.why_busy = lambda: BUSY if self.jamming.is_on else ""
        stands.window.status.add_legends(self._chip)
        self._unsubscribe = stands.document.subscribe(self._document_changed)
        self.jamming.changed.connect(self._jam_changed)
        self.jamming.said.connect(speak[0])
        self.jamming.told.connect(speak[1])
        self.show()

    def close(self) -> None:
        """End the jam, and look no more."""
        self.jamming.close()
        if self._stands is not None:
            self._unsubscribe()

    # --- what is done -------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Begin to jam, or end at the next bar line; or say why not."""
        if self._stands is None:
            return
        if self.jamming.is_on:
            self.jamming.end()
            return
        panel = self._stands.panel
        panel.tabs.choose(Mode.JAM)
        why_not = self._why_not()
        if why_not:
            self.jamming.said.emit(why_not)
            self.show()
            return
        document = self._stands.document
        is_alone = document.instrument == DRUMS or (panel.wish.one_track and has_others(document))
        track_id = document.active_track_id if is_alone else None
        self.jamming.begin(panel.jam.mode, panel.jam.phrase_bars, track_id, panel.seed.next_number())

    def _why_not(self) -> str:
        if self._stands is None or self._stands.panel.model is None:
            return NO_DRUMMER if self._stands is not None and self._stands.panel.is_for_drums else NO_MODEL
        document = self._stands.document
        return "" if document.active_track in document.heard_tracks else why_not_heard(document.score)

    def _asks(self) -> JamWish:
        assert self._stands is not None  # noqa: S101  a jam begins by the window's command
        panel = self._stands.panel
        return JamWish(panel.wish, self._stands.key.choice, panel.is_guided)

    def _remember(self) -> None:
        if self._stands is None:
            return
        jam, running = self._stands.panel.jam, self.jamming.jam
        self._stands.preferences.change(jam_mode=jam.mode.value, jam_bars=jam.phrase_bars)
        if running is not None:
            running.mode, running.bars = jam.mode, jam.phrase_bars
        self.show()

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _document_changed(self, topic: Topic) -> None:
        if self._stands is None or topic not in (Topic.NOTES, Topic.TRACKS, Topic.LOADED, Topic.GHOSTS):
            return
        stage, has_ghosts = self._stands.panel.take.stage, bool(self._stands.document.ghosts)
        if not self.jamming.is_on or (stage is Stage.JAMMING) != has_ghosts:
            self.show()

    def _jam_changed(self) -> None:
        self.show()
        if self._stands is not None and not self.jamming.is_on:
            self._stands.continuing.show_button()

    def _moved(self, tick: float) -> None:
        if self.jamming.is_on and self._stands is not None:
            self._stands.panel.jam.meter.show_view(self._view(tick))

    def show(self) -> None:
        """Show whether it jams, and whose turn it is."""
        if self._stands is None:
            return
        panel, is_on = self._stands.panel, self.jamming.is_on
        self._actions["jam"].setChecked(is_on)
        view = self._view(self._stands.playing.tick)
        panel.jam.meter.show_view(view)
        self._chip.setText(f"Jam: {view.words[:1].lower()}{view.words[1:]}")
        self._chip.setVisible(is_on)
        if is_on:
            stage = Stage.JAMMING if self._stands.document.ghosts else Stage.LISTENING
            panel.take.show_stage(stage, "Stop jamming", action="jam")
        elif panel.mode is Mode.JAM:
            stage = Stage.WAITING if self._stands.document.take is not None else Stage.IDLE
            panel.take.show_stage(stage, "Jam", self._why_not(), "jam")

    def _view(self, tick: float) -> TurnView:
        jam = self.jamming.jam
        if jam is None:
            bars = self._stands.panel.jam.phrase_bars if self._stands else MOST_BARS
            return TurnView("Ready", "press J", bars)
        if self.jamming.is_waiting:
            aside = "it sets the time" if self.jamming.has_keyboard else "Shift+T: on letters"
            return TurnView("Play a note", aside, jam.bars)
        return turn_view(jam, tick, self.jamming.writer.drawn)


def turn_view(jam: Jam, tick: float, drawn: int) -> TurnView:
    """What the meter says of a jam while the playhead is at ``tick`` and it is written up to ``drawn``."""
    timeline, start, until = jam.timeline, jam.answer_from, jam.answer_until
    if jam.turn is Turn.OPEN:
        return TurnView("Your turn", "it listens", jam.bars)
    if jam.turn is Turn.YOURS:
        first, last = jam.phrase or (int(tick), int(tick) + 1)
        aside = f"answers at {_place(timeline, start)}" if start is not None else ""
        cells, filled = _cells(timeline, (first, last), tick)
        return TurnView("You play", aside, cells, filled, is_yours=True)
    if until is not None and start is not None:
        cells, filled = _cells(timeline, (start, until), tick)
        return TurnView("It answers", f"your turn at {_place(timeline, until)}", cells, filled, is_yours=False)
    ahead = max(bars_between(timeline, tick, drawn), 0.0)
    return TurnView("It answers", f"{ahead:.1f} bars ahead", MOST_BARS, ahead, is_yours=False)


def bars_between(timeline: Timeline, tick: float, later: float) -> float:
    """How many bars lie between two places, by their own lengths."""
    return _bar_place(timeline, later) - _bar_place(timeline, tick)


def _bar_place(timeline: Timeline, tick: float) -> float:
    bar = timeline.bar_at(int(tick))
    start = timeline.bar_start(bar)
    return bar + (tick - start) / (timeline.bar_start(bar + 1) - start)


def _cells(timeline: Timeline, span: Span, tick: float) -> tuple[int, float]:
    """How many cells a stretch has, one a bar but never too many, and how many of them are full."""
    bars = bars_between(timeline, timeline.bar_start(timeline.bar_at(span[0])), timeline.bar_ceil(span[1]))
    cells = min(max(round(bars), 1), _MOST_CELLS)
    done = bars_between(timeline, timeline.bar_start(timeline.bar_at(span[0])), tick)
    return cells, min(max(done / max(bars, 1e-9), 0.0), 1.0) * cells


def _place(timeline: Timeline, tick: int) -> str:
    place = timeline.bar_beat(tick)
    return f"bar {place.bar}" if place.beat == 1 and not place.tick else f"{place.bar}.{place.beat}"
