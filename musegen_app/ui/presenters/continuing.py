"""The generate panel: which models there are, what the main button says, and what the panel's choices become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.asking import Ask, FillMode, has_material, has_others
from musegen_app.editor.document import Document
from musegen_app.editor.marks import Marks
from musegen_app.editor.regions import FROM_TO, Region, fill_region, span_words
from musegen_app.encoding.drums import DRUMS
from musegen_app.errors import MuseGenError
from musegen_app.generate.families import fills, for_instrument
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import Listing, default_of
from musegen_app.settings import Settings
from musegen_app.ui.flows.generating import NO_SEED, Generating, why_no_pitches, why_not_heard
from musegen_app.ui.panels.generate import NO_DRUMMER, GeneratePanel
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.panels.wish import Mode, Wish
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.key import KeyWatch
from musegen_app.ui.presenters.model_choice import ModelChoice

NO_MODEL: Final = "No model is installed."
NO_REGION: Final = "Loop, select or mark what is filled."
OTHER_END: Final = "Mark the other end as well."
NO_MELODY: Final = "This track has no melody there."
NO_NOTES: Final = "This track has no notes there."
NO_STROKES: Final = "Draw some drums on this track first."
NO_PITCHED: Final = "No installed model writes notes of a pitch; drum tracks can be continued."
NO_FILLER: Final = "No installed model fills gaps."
OTHER_MODEL: Final = "Choose a model that fills gaps."


class ContinuePresenter(QObject):
    """Joins the panel to the document, the generating flow and the key. ``refused`` says why nothing was begun."""

    refused = Signal(str)

    def __init__(
        self, document: Document, generating: Generating, key: KeyWatch, panel: GeneratePanel, preferences: Preferences
    ) -> None:
        super().__init__()
        self._document, self._generating, self._key = document, generating, key
        self._panel, self._preferences = panel, preferences
        self._listing: Listing | None = None
        self._asked = Ask()
        self.why_busy: Callable[[], str] = lambda: ""
        panel.show_choices(remembered(preferences.value))
        panel.more.open(on=preferences.value.more_controls)
        panel.changed.connect(self._remember)
        panel.model_chosen.connect(self.choose_model)
        panel.mode_changed.connect(lambda _mode: self.show_button())
        panel.unmarked.connect(lambda: document.set_marks(Marks()))
        generating.stage_changed.connect(lambda _stage: self.show_button())
        generating.progressed.connect(panel.take.show_progress)
        key.changed.connect(self._show_key)
        self._show_key()
        self.show_button()

    # --- models -------------------------------------------------------------------------------------------------------

    def show_models(self, listing: Listing) -> None:
        """The models were listed: show them, and load the one in use."""
        self._listing = listing
        self._generating.know(listing.models)
        drummers = {model.name for model in for_instrument(listing.models, DRUMS)}
        if self._preferences.value.model in drummers:  # one that was just trained
            self._preferences.change(model="", drum_model=self._preferences.value.model)
        self._use_model()

    def choose_model(self, name: str) -> None:
        """Use another model, loading it now; it is remembered for drums or for all else, whichever is continued."""
        choice = self._choice
        self._preferences.change(**{"drum_model" if choice.is_for_drums else "model": name})
        self._use_model()

    def _use_model(self) -> None:
        """Show the model that plays what is continued, and load it."""
        self._show_model(self._choice.model)
        if self._panel.wish.model:
            self._generating.preload(self._panel.wish.model)

    @property
    def _choice(self) -> ModelChoice:
        """What is continued, and the model that was chosen for it."""
        models = self._listing.models if self._listing else ()
        return ModelChoice.of(self._document.instrument, models, self._preferences.value)

    def has_model(self, name: str) -> bool:
        """Whether the list holds a model of this name."""
        return self._listing is not None and any(model.name == name for model in self._listing.models)

    def _show_model(self, name: str) -> None:
        if self._listing is None:
            return
        broken = [str(error) for error in self._listing.broken]
        choice = self._choice
        self._panel.show_models(self._listing.models, name, broken, choice.instrument)
        settings = self._preferences.value
        self._panel.style_choice.set_value(choice.style)
        self._panel.show_controls(settings.controls.get(self._family_name, {}))
        self.show_button()

    # --- beginning ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Continue, or say why not."""
        self._panel.tabs.choose(Mode.CONTINUE)
        self._begin(self._ask(None))

    def begin_fill(self) -> None:
        """Fill what is marked, or say why not."""
        self._panel.tabs.choose(Mode.FILL)
        self._begin(self._ask(fill_region(self._document)))

    def begin_again(self) -> None:
        """What is waiting once more: a continuation, or the same gap."""
        take = self._document.take
        if take is None or not take.is_fill:
            self.begin()
            return
        self._panel.tabs.choose(Mode.FILL)
        self._begin(replace(self._ask(None), gap=take.span, picked=self._asked.picked))

    def _ask(self, region: Region | None) -> Ask:
        """What the panel asks for now."""
        wish = self._panel.wish
        alone = wish.one_track and has_others(self._document)
        if self._panel.mode is not Mode.FILL:
            return Ask(alone=alone)
        span, picked = (region.span, region.picked) if region else (None, frozenset[int]())
        return Ask(span, wish.fill_mode, picked, alone)

    def _begin(self, ask: Ask) -> None:
        why_not = self.why_busy() or self._why_not(ask)
        if why_not:
            self.refused.emit(why_not)
            return
        try:
            self._generating.begin(self._panel.wish, self._key.choice.key, self._panel.seed.next_number(), ask)
        except MuseGenError as error:
            self.refused.emit(str(error))
            return
        self._asked = ask

    # --- what the panel says ------------------------------------------------------------------------------------------

    def show_button(self) -> None:
        """Say what the main button would do, and what would be filled; by another model where drums are now continued."""
        if self._listing is not None and self._panel.is_for_drums != self._choice.is_for_drums:
            self._use_model()
            return
        self._show_region()
        self._panel.show_parts(offered=has_others(self._document))
        if self._panel.mode is Mode.JAM or self.why_busy():
            return  # the jam has the button
        stage, filling = self._generating.stage, self._panel.mode is Mode.FILL
        region = fill_region(self._document) if filling else None
        words = self._fill_words(region) if filling else f"Continue {self._panel.wish.bars} bars"
        why_not = self._why_not(self._ask(region))
        shown = "Cancel" if stage is Stage.STREAMING else words
        self._panel.take.show_stage(stage, shown, why_not, "fill" if filling else "continue")

    def selection_changed(self) -> None:
        """Selection, loop or bar lines changed: another stretch would be filled."""
        if self._panel.mode is Mode.FILL:
            self.show_button()

    def marks_changed(self) -> None:
        """A stretch, or one end of it, was marked, or let go: who marks one means to fill it."""
        if self._document.marks != Marks():
            self._panel.tabs.choose(Mode.FILL)
        self.selection_changed()

    def _fill_words(self, region: Region | None) -> str:
        return f"Fill {self._words_of(region)}" if region else "Fill"

    def _words_of(self, region: Region) -> str:
        return span_words(self._document.score.timeline, region.start, region.end)

    def _show_region(self) -> None:
        panel = self._panel
        if panel.mode is not Mode.FILL:
            return
        region = fill_region(self._document)
        words = f"{self._words_of(region).capitalize()} · {region.source}" if region else ""
        panel.fill.show_region(words, can_unmark=region is not None and region.source == FROM_TO)
        panel.fill.show_way(self._why_no_fill(), self._filler())

    def _why_no_fill(self) -> str:
        """Why the chosen model does not fill, "" where it does."""
        model = self._panel.model
        if model is None or fills(model):
            return ""
        return f"{model.title} only continues; it cannot hear what follows a gap." if self._filler() else NO_FILLER

    def _filler(self) -> Manifest | None:
        """A model that fills gaps: the one that ships first of all."""
        instrument = self._document.instrument
        models = for_instrument(self._listing.models, instrument) if self._listing else ()
        first = default_of(models, instrument)
        return next((model for model in sorted(models, key=lambda model: model.name != first) if fills(model)), None)

    def _why_not(self, ask: Ask) -> str:
        if self._listing is not None and not self._listing.models:
            return NO_MODEL
        if self._listing is not None and self._panel.model is None:
            return NO_DRUMMER if self._panel.is_for_drums else NO_PITCHED
        if not self._document.seed_notes():
            return self._why_unheard()
        if self._panel.mode is Mode.FILL:
            return self._why_no_such_fill(ask)
        if self._panel.is_for_drums and self._document.active_track not in self._document.heard_tracks:
            return why_not_heard(self._document.score)
        return ""

    def _why_unheard(self) -> str:
        """Why nothing is heard that could be continued."""
        if self._document.instrument == DRUMS:
            return why_not_heard(self._document.score) if self._document.active_track.notes else NO_STROKES
        return why_no_pitches(self._document.score) if self._document.score.note_count else NO_SEED

    def _why_no_such_fill(self, ask: Ask) -> str:
        """Why the gap cannot be filled in this way, "" where it can."""
        if self._why_no_fill():
            return OTHER_MODEL
        if ask.gap is None:
            return NO_REGION if self._document.marks == Marks() else OTHER_END
        one_track = ask.is_for_one_track or self._panel.is_for_drums
        if one_track and self._document.active_track not in self._document.heard_tracks:
            return why_not_heard(self._document.score)
        if has_material(self._document, ask):
            return ""
        return NO_MELODY if ask.mode is FillMode.CHORDS else NO_NOTES

    def _show_key(self) -> None:
        self._panel.show_key(self._key.choice.key)

    # --- memory -------------------------------------------------------------------------------------------------------

    @property
    def _family_name(self) -> str:
        """Under which name the controls are remembered; drums have their own."""
        model = self._panel.model
        return "" if model is None else f"{model.family} drums" if model.instrument == DRUMS else model.family

    def _remember(self) -> None:
        wish = self._panel.wish
        controls: Mapping[str, Mapping[str, float]] = self._preferences.value.controls
        if wish.controls:
            controls = {**controls, self._family_name: dict(wish.controls)}
        self._preferences.change(
            bars=wish.bars,
            temperature=wish.temperature,
            lock_key=wish.stay_in_key,
            controls=controls,
            more_controls=self._panel.more.is_open,
            follow_chords=self._panel.follow.isChecked(),
            takes=wish.takes,
            **{"drum_style" if self._panel.is_for_drums else "style": wish.style},
            **self._remember_guided(wish),
        )
        self.show_button()

    def _remember_guided(self, wish: Wish) -> dict[str, object]:
        """What only a guided model is asked, which another leaves as it was."""
        if not self._panel.is_guided or self._panel.is_for_drums:
            return {}
        return {
            "ending": wish.ending,
            "one_track": wish.one_track,
            "fill_mode": wish.fill_mode.name,
        }


def remembered(settings: Settings) -> Wish:
    """The panel's choices as the settings hold them, but for the controls, which are the family's."""
    wish = Wish(settings.model, settings.style, settings.bars, settings.temperature, (0, 127), settings.lock_key)
    mode = FillMode.__members__.get(settings.fill_mode, FillMode.MUSIC)
    return replace(
        wish,
        ending=settings.ending,
        fill_mode=mode,
        one_track=settings.one_track,
        follow_chords=settings.follow_chords,
        takes=settings.takes,
    )
