"""The generate panel: which models there are, what the main button says, and what the panel's choices become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document
from musegen_app.editor.regions import Region, fill_region, span_words
from musegen_app.errors import MuseGenError
from musegen_app.generate.families import fills
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import DEFAULT_MODEL, Listing
from musegen_app.settings import Settings
from musegen_app.ui.flows.generating import NO_PITCHES, NO_SEED, Generating
from musegen_app.ui.panels.generate import GeneratePanel
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.panels.wish import Mode, Wish
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.key import KeyWatch

NO_MODEL: Final = "No model is installed."
NO_REGION: Final = "Set a loop or select notes to fill."
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
        panel.show_choices(remembered(preferences.value))
        panel.changed.connect(self._remember)
        panel.model_chosen.connect(self.choose_model)
        panel.mode_changed.connect(lambda _mode: self.show_button())
        generating.stage_changed.connect(lambda _stage: self.show_button())
        generating.progressed.connect(panel.take.show_progress)
        key.changed.connect(self._show_key)
        self._show_key()
        self.show_button()

    # --- models -------------------------------------------------------------------------------------------------------

    def show_models(self, listing: Listing) -> None:
        """The models were listed: show them, and load the one in use."""
        self._listing = listing
        names = [model.name for model in listing.models]
        wanted = self._preferences.value.model
        default = DEFAULT_MODEL if DEFAULT_MODEL in names else next(iter(names), "")
        self._show_model(wanted if wanted in names else default)
        if names:
            self._generating.preload(self._panel.wish.model)

    def choose_model(self, name: str) -> None:
        """Use another model, loading it now."""
        self._preferences.change(model=name)
        self._show_model(name)
        self._generating.preload(name)

    def has_model(self, name: str) -> bool:
        """Whether the list holds a model of this name."""
        return self._listing is not None and any(model.name == name for model in self._listing.models)

    def _show_model(self, name: str) -> None:
        if self._listing is None:
            return
        broken = [str(error) for error in self._listing.broken]
        self._panel.show_models(self._listing.models, name, broken)
        settings = self._preferences.value
        self._panel.style_choice.set_value(settings.style)
        self._panel.show_controls(settings.controls.get(self._family_name, {}))
        self.show_button()

    # --- beginning ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Continue, or say why not."""
        self._panel.tabs.choose(Mode.CONTINUE)
        self._begin(None)

    def begin_fill(self) -> None:
        """Fill the loop or the selection, or say why not."""
        self._panel.tabs.choose(Mode.FILL)
        region = fill_region(self._document)
        self._begin((region.start, region.end) if region else None)

    def begin_again(self) -> None:
        """What is waiting once more: a continuation, or the same gap."""
        take = self._document.take
        if take is None or not take.is_fill:
            self.begin()
            return
        self._panel.tabs.choose(Mode.FILL)
        self._begin(take.span)

    def _begin(self, gap: tuple[int, int] | None) -> None:
        why_not = self._why_not(has_region=gap is not None)
        if why_not:
            self.refused.emit(why_not)
            return
        try:
            self._generating.begin(self._panel.wish, self._key.choice.key, self._panel.seed.next_number(), gap)
        except MuseGenError as error:
            self.refused.emit(str(error))

    # --- what the panel says ------------------------------------------------------------------------------------------

    def show_button(self) -> None:
        """Say what the main button would do, and what would be filled."""
        self._show_region()
        stage, filling = self._generating.stage, self._panel.mode is Mode.FILL
        region = fill_region(self._document) if filling else None
        words = self._fill_words(region) if filling else f"Continue {self._panel.wish.bars} bars"
        why_not = self._why_not(has_region=region is not None)
        shown = "Cancel" if stage is Stage.STREAMING else words
        self._panel.take.show_stage(stage, shown, why_not, "fill" if filling else "continue")

    def selection_changed(self) -> None:
        """Selection, loop or bar lines changed: another stretch would be filled."""
        if self._panel.mode is Mode.FILL:
            self.show_button()

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
        panel.fill.show_region(words)
        panel.fill.show_way(self._why_no_fill(), self._filler())

    def _why_no_fill(self) -> str:
        """Why the chosen model does not fill, "" where it does."""
        model = self._panel.model
        if model is None or fills(model):
            return ""
        return f"{model.title} only continues; it cannot hear what follows a gap." if self._filler() else NO_FILLER

    def _filler(self) -> Manifest | None:
        return next((m for m in self._listing.models if fills(m)), None) if self._listing else None

    def _why_not(self, *, has_region: bool) -> str:
        if self._listing is not None and not self._listing.models:
            return NO_MODEL
        if not self._document.seed_notes():
            return NO_PITCHES if self._document.score.note_count else NO_SEED
        if self._panel.mode is not Mode.FILL:
            return ""
        if self._why_no_fill():
            return OTHER_MODEL
        return "" if has_region else NO_REGION

    def _show_key(self) -> None:
        self._panel.show_key(self._key.choice.key)

    # --- memory -------------------------------------------------------------------------------------------------------

    @property
    def _family_name(self) -> str:
        model = self._panel.model
        return model.family if model else ""

    def _remember(self) -> None:
        wish = self._panel.wish
        controls: Mapping[str, Mapping[str, float]] = self._preferences.value.controls
        if wish.controls:
            controls = {**controls, self._family_name: dict(wish.controls)}
        self._preferences.change(
            bars=wish.bars,
            temperature=wish.temperature,
            lock_key=wish.stay_in_key,
            style=wish.style,
            controls=controls,
        )
        self.show_button()


def remembered(settings: Settings) -> Wish:
    """The panel's choices as the settings hold them, but for the controls, which are the family's."""
    return Wish(settings.model, settings.style, settings.bars, settings.temperature, (0, 127), settings.lock_key)
