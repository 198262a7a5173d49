"""What the model thinks, on the roll: the heat map, the tint, the box of alternatives, and the legends that explain them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QAction

from musegen_app.editor import thoughts
from musegen_app.editor.document import Document, Topic
from musegen_app.generate.insight import Alternatives, Candidate
from musegen_app.score import Note
from musegen_app.ui.flows.generating import Generating, why_no_pitches
from musegen_app.ui.flows.insight import Insight, Terms
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.legend import heat_legend, surprise_legend
from musegen_app.ui.panels.status import StatusLine
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.key import KeyWatch
from musegen_app.ui.roll.alternatives_box import AlternativesBox
from musegen_app.ui.roll.area import RollArea
from musegen_app.ui.roll.corner import Corner
from musegen_app.ui.roll.thoughts import CELL_STEPS, Tint
from musegen_app.ui.theme import Palette

HEARD_MS: Final = 450
"""How long an alternative sounds when it is tried."""
NO_NOTE: Final = "Draw or choose a note first."


@dataclass(frozen=True, slots=True)
class Stands:
    """What the presenter stands between."""

    document: Document
    generating: Generating
    playing: Playing
    key: KeyWatch
    panel: GeneratePanel
    roll: RollArea
    status: StatusLine
    preferences: Preferences


class InsightPresenter(QObject):
    """Joins the flow to roll and status line. ``say`` tells something for a moment, ``tell`` until it is read."""

    def __init__(
        self,
        insight: Insight,
        stands: Stands,
        actions: Mapping[str, QAction],
        say: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._insight, self._stands, self._say = insight, stands, say
        self._actions = actions
        roll, palette = stands.roll, stands.roll.view.palette
        self.box = AlternativesBox(roll.canvas)
        self.corner = Corner(actions["heat_map"], actions["surprise"])
        self.heat_legend, self.surprise_legend = heat_legend(palette), surprise_legend(palette)
        roll.add_corner(self.corner)
        stands.status.add_legends(self.heat_legend, self.surprise_legend)
        self._hush = QTimer(self)
        self._hush.setSingleShot(True)
        self._hush.setInterval(HEARD_MS)
        self._hush.timeout.connect(lambda: stands.playing.audition(None))
        self._wire(tell)
        settings = stands.preferences.value
        insight.switch(heat=settings.heat_map, surprise=settings.surprise_tint)
        self._terms_changed()

    def close(self) -> None:
        """Show no more."""
        self._unsubscribe()
        self._hush.stop()
        self._insight.close()

    def _wire(self, tell: Callable[[str], None]) -> None:
        insight, stands = self._insight, self._stands
        insight.heat_changed.connect(self._show_heat)
        insight.surprise_changed.connect(self._show_surprise)
        insight.alternatives_told.connect(self._show_alternatives)
        insight.failed.connect(tell)
        insight.wanted.connect(self._ask_about_meant)
        insight.toggled.connect(self._toggled)
        stands.panel.changed.connect(self._terms_changed)
        stands.panel.model_shown.connect(self._terms_changed)
        stands.generating.model_ready.connect(lambda _name: self._terms_changed())
        stands.key.changed.connect(self._terms_changed)
        stands.playing.moved.connect(insight.set_playhead)
        stands.roll.canvas.asked_about.connect(self._ask_about_id)
        stands.roll.view.moved.connect(self.box.close_box)
        stands.roll.view.restyled.connect(self._restyled)
        self.box.tried.connect(self._try)
        self.box.chosen.connect(self._choose)
        self.box.stepped.connect(self._step)
        self.box.left.connect(self._left)
        self._unsubscribe = stands.document.subscribe(self._document_changed)

    # --- switches -----------------------------------------------------------------------------------------------------

    def _toggled(self) -> None:
        insight = self._insight
        self._actions["heat_map"].setChecked(insight.heat_on)
        self._actions["surprise"].setChecked(insight.surprise_on)
        self.heat_legend.setVisible(insight.heat_on)
        self.surprise_legend.setVisible(insight.surprise_on)
        self._stands.preferences.change(heat_map=insight.heat_on, surprise_tint=insight.surprise_on)

    def _terms_changed(self) -> None:
        wish = self._stands.panel.wish
        key = self._stands.key.choice.key if wish.stay_in_key else None
        self._insight.set_terms(Terms(wish.model, wish.style, key, wish.pitch_range))

    def _restyled(self) -> None:
        palette: Palette = self._stands.roll.view.palette
        for legend in (self.heat_legend, self.surprise_legend):
            legend.set_palette(palette)

    # --- heat and tint ------------------------------------------------------------------------------------------------

    def _show_heat(self) -> None:
        canvas = self._stands.roll.canvas
        heat, was = self._insight.heat, canvas.thoughts.heat
        canvas.thoughts.heat = heat.by(CELL_STEPS) if heat is not None else None
        canvas.refresh_notes()
        if heat is not None and was is None and not self._stands.playing.is_playing:
            self._stands.roll.reveal(heat.start_tick, heat.end_tick)  # it was switched on to be seen

    def _show_surprise(self) -> None:
        canvas, surprise = self._stands.roll.canvas, self._insight.surprise
        canvas.thoughts.tint = Tint(surprise) if surprise is not None else None
        canvas.refresh_notes()

    # --- alternatives -------------------------------------------------------------------------------------------------

    def _ask_about_id(self, note_id: int) -> None:
        note = thoughts.note_of(self._stands.document, note_id)
        if note is not None:
            self._ask_about(note)

    def _ask_about_meant(self) -> None:
        note = thoughts.meant_note(self._stands.document, self._stands.playing.tick)
        if note is None:
            self._say(NO_NOTE)
        else:
            self._ask_about(note)

    def _ask_about(self, note: Note) -> None:
        if self._insight.ask_about(note):
            self._stands.roll.reveal(note.start, note.end)
        else:
            self._say(why_no_pitches(self._stands.document.score))

    def _show_alternatives(self, told: Alternatives) -> None:
        now = thoughts.note_of(self._stands.document, told.note.id)
        if now != told.note:
            return  # it was changed meanwhile
        roll = self._stands.roll
        canvas, view = roll.canvas, roll.view.viewport
        canvas.thoughts.asked, canvas.thoughts.tried = now, None
        left, right = view.x_of(now.start), view.x_of(now.end)
        top = view.y_of(now.pitch)
        box = QRectF(left, top, right - left, view.row_px)
        self.box.open_for(told, self._place_of(now), box, roll.view.name_of)
        canvas.update()

    def _place_of(self, note: Note) -> str:
        timeline = self._stands.document.score.timeline
        bar = timeline.bar_at(note.start)
        beat = (note.start - timeline.bar_start(bar)) // timeline.metre_at(note.start).beat_ticks
        kind = "ghost" if note.id < 0 else "note"
        return f"{kind.capitalize()} in bar {bar + 1}, beat {beat + 1}"

    def _try(self, candidate: Candidate) -> None:
        canvas = self._stands.roll.canvas
        asked = canvas.thoughts.asked
        if asked is not None:
            canvas.thoughts.tried = replace(asked, pitch=candidate.pitch)
            self._stands.playing.audition(candidate.pitch)
            self._hush.start()
            canvas.update()

    def _choose(self, candidate: Candidate) -> None:
        asked = self._stands.roll.canvas.thoughts.asked
        if asked is None:
            return
        self.box.close_box()
        if thoughts.swap_pitch(self._stands.document, asked, candidate.pitch):
            self._say(f"{self._stands.roll.view.name_of(candidate.pitch)} in its place")

    def _step(self, towards: int) -> None:
        asked = self._stands.roll.canvas.thoughts.asked
        note = thoughts.neighbour(self._stands.document, asked, towards) if asked is not None else None
        if note is not None:
            self._ask_about(note)

    def _left(self) -> None:
        canvas = self._stands.roll.canvas
        canvas.thoughts.asked = canvas.thoughts.tried = None
        canvas.update()
        canvas.setFocus()

    def _document_changed(self, _topic: Topic) -> None:
        """The note that is asked about may be another, or gone."""
        asked = self._stands.roll.canvas.thoughts.asked
        if asked is not None and thoughts.note_of(self._stands.document, asked.id) != asked:
            self.box.close_box()
