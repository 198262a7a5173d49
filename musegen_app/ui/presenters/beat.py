"""The beat: swing, the bars that are counted in, and where the metronome clicks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from musegen_app.editor.document import Document, Topic
from musegen_app.playback.metronome import Click
from musegen_app.score import DRUM_CHANNEL, EIGHTHS, SIXTEENTHS, Change, Swing, TimelineEdit
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.panels.transport import TransportBar
from musegen_app.ui.preferences import Preferences

COUNTS: Final = ((0, "No count-in"), (1, "Count 1 bar in"), (2, "Count 2 bars in"))
SWINGS: Final = ((0, "Straight"), (16, "Light"), (33, "Triplets"), (50, "Dotted"), (75, "Hardest"))
STEPS: Final = ((EIGHTHS, "Eighths swing"), (SIXTEENTHS, "Sixteenths swing"))
CHANNELS: Final = range(16)


class BeatPresenter(QObject):
    """Joins document, player and settings to the bar's swing field and the metronome's menu."""

    def __init__(self, document: Document, playing: Playing, preferences: Preferences) -> None:
        super().__init__()
        self._document, self._playing, self._preferences = document, playing, preferences
        self._count_in_action: QAction | None = None
        self._export_action: QAction | None = None
        self._bar: TransportBar | None = None
        self._gesture = 0
        self._unsubscribe = document.subscribe(self._document_changed)

    def show_on(self, bar: TransportBar, count_in: QAction, export_swing: QAction) -> None:
        """Keep the bar, and the command that counts in, in step; ``export_swing`` stands in the menu too."""
        self._bar, self._count_in_action, self._export_action = bar, count_in, export_swing
        bar.beat.fill = self.fill
        bar.swing.changed.connect(lambda percent: self._set_swing(percent=round(percent)))
        bar.swing.settled.connect(self._end_gesture)
        self.show()

    def start(self) -> None:
        """Tell the player what the musician chose in the days before."""
        settings = self._preferences.value
        self._playing.set_click(Click(settings.click_port, settings.click_channel))
        self._count(settings.count_in_bars)

    def close(self) -> None:
        """Listen to the document no longer."""
        self._unsubscribe()

    def show(self) -> None:
        """Show the piece's swing."""
        if self._bar is not None and not self._bar.swing.isDown():
            self._bar.swing.set_value(self._swing.percent)

    def toggle_count_in(self) -> None:
        """Count a bar in before playing, or none."""
        self._count(0 if self._preferences.value.count_in_bars else 1)

    # --- the menu -----------------------------------------------------------------------------------------------------

    def fill(self, menu: QMenu) -> None:
        """Put the choices into a menu."""
        settings = self._preferences.value
        self.fill_counts(menu)
        menu.addSeparator()
        self._fill_swing(menu)
        menu.addSeparator()
        self._fill_ports(menu.addMenu("Click on port"), settings.click_port)
        channels = menu.addMenu("Click on channel")
        for channel in CHANNELS:
            words = f"{channel + 1}, drums" if channel == DRUM_CHANNEL else f"{channel + 1}"
            chosen = channel == settings.click_channel
            _choice(channels, words, partial(self._click, click_channel=channel), chosen=chosen)

    def fill_counts(self, menu: QMenu) -> None:
        """Offer how many bars are counted in."""
        now = self._preferences.value.count_in_bars
        for bars, words in COUNTS:
            _choice(menu, words, partial(self._count, bars), chosen=bars == now)

    def _fill_swing(self, menu: QMenu) -> None:
        now = self._swing
        amounts = menu.addMenu(f"Swing: {now.percent} %" if now.percent else "Swing: straight")
        for percent, words in SWINGS:
            told = f"{words}, {percent} %" if percent else words
            _choice(amounts, told, self._swing_chooser(percent=percent), chosen=percent == now.percent)
        amounts.addSeparator()
        for ticks, words in STEPS:
            _choice(amounts, words, self._swing_chooser(step_ticks=ticks), chosen=ticks == now.step_ticks)
        if self._export_action is not None:
            amounts.addSeparator()
            amounts.addAction(self._export_action)

    def _swing_chooser(self, **changes: int) -> Callable[[], None]:
        def choose() -> None:
            self._set_swing(**changes)
            self._end_gesture()

        return choose

    def _fill_ports(self, menu: QMenu, now: str) -> None:
        _choice(menu, "The main port", partial(self._click, click_port=""), chosen=not now)
        names = self._playing.ports().names
        for name in (*names, *(gone for gone in (now,) if gone and gone not in names)):
            words = name.replace("&", "&&") if name in names else f"{name.replace('&', '&&')} (not there)"
            _choice(menu, words, partial(self._click, click_port=name), chosen=name == now)

    # --- choices ------------------------------------------------------------------------------------------------------

    @property
    def _swing(self) -> Swing:
        return self._document.score.timeline.swing

    def _document_changed(self, topic: Topic) -> None:
        if topic in (Topic.LOADED, Topic.TIMELINE):
            self.show()

    def _set_swing(self, **changes: int) -> None:
        timeline = self._document.score.timeline
        change = Change((TimelineEdit(timeline, timeline.with_swing(replace(timeline.swing, **changes))),))
        if change:
            self._document.edit("Change swing", change, f"swing {self._gesture}")

    def _end_gesture(self) -> None:
        self._gesture += 1

    def _count(self, bars: int) -> None:
        self._preferences.change(count_in_bars=bars)
        self._playing.set_count_in(bars)
        if self._count_in_action is not None:
            self._count_in_action.setChecked(bars > 0)

    def _click(self, **changes: str | int) -> None:
        self._preferences.change(**changes)
        settings = self._preferences.value
        self._playing.set_click(Click(settings.click_port, settings.click_channel))


def _choice(menu: QMenu, text: str, choose: Callable[[], None], *, chosen: bool) -> None:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(lambda _=False: choose())
