"""The generate panel: which models there are, what the main button says, and what the panel's choices become."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document
from musegen_app.errors import MuseGenError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import DEFAULT_MODEL, Listing
from musegen_app.score.scale import Key
from musegen_app.settings import Settings
from musegen_app.ui.flows.generating import NO_PITCHES, NO_SEED, Generating
from musegen_app.ui.panels.generate import GeneratePanel, Wish
from musegen_app.ui.panels.take_box import Stage
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.presenters.key import KeyWatch

NO_MODEL = "No model is installed."


class ContinuePresenter(QObject):
    """Joins the panel to the document, the generating flow and the key. ``refused`` says why nothing was begun."""

    refused = Signal(str)

    def __init__(
        self, document: Document, generating: Generating, key: KeyWatch, panel: GeneratePanel, preferences: Preferences
    ) -> None:
        super().__init__()
        self._document, self._generating, self._key = document, generating, key
        self._panel, self._preferences = panel, preferences
        self._models: tuple[Manifest, ...] | None = None
        panel.show_choices(remembered(preferences.value))
        panel.changed.connect(self._remember)
        panel.model_chosen.connect(self.choose_model)
        generating.stage_changed.connect(lambda _stage: self.show_button())
        generating.progressed.connect(panel.take.show_progress)
        key.changed.connect(self._show_key)
        self._show_key()
        self.show_button()

    def show_models(self, listing: Listing) -> None:
        """The models were listed: show them, and load the one in use."""
        self._models = listing.models
        names = [model.name for model in listing.models]
        wanted = self._preferences.value.model
        default = DEFAULT_MODEL if DEFAULT_MODEL in names else next(iter(names), "")
        problem = str(listing.broken[0]) if listing.broken else ""
        self._panel.show_models(listing.models, wanted if wanted in names else default, problem)
        self._panel.show_choices(remembered(self._preferences.value))
        self.show_button()
        if names:
            self._generating.preload(self._panel.wish.model)

    def choose_model(self, name: str) -> None:
        """Use another model, loading it now."""
        self._preferences.change(model=name)
        self._panel.show_models(self._models or (), name)
        self._generating.preload(name)
        self._remember()

    def begin(self) -> None:
        """Continue, or say why not."""
        why_not = self._why_not()
        if why_not:
            self.refused.emit(why_not)
            return
        try:
            self._generating.begin(self._panel.wish, self._locked_key, self._panel.seed.next_number())
        except MuseGenError as error:
            self.refused.emit(str(error))

    def show_button(self) -> None:
        """Say what the main button would do."""
        stage = self._generating.stage
        words = "Cancel" if stage is Stage.STREAMING else f"Continue {self._panel.wish.bars} bars"
        self._panel.take.show_stage(stage, words, self._why_not())

    @property
    def _locked_key(self) -> Key | None:
        return self._key.choice.key

    def _why_not(self) -> str:
        if self._models == ():
            return NO_MODEL
        if self._document.seed_notes():
            return ""
        return NO_PITCHES if self._document.score.note_count else NO_SEED

    def _show_key(self) -> None:
        self._panel.show_key(self._key.choice.key)

    def _remember(self) -> None:
        wish = self._panel.wish
        self._preferences.change(bars=wish.bars, temperature=wish.temperature, lock_key=wish.stay_in_key, style=wish.style)
        self.show_button()


def remembered(settings: Settings) -> Wish:
    """The panel's choices as the settings hold them."""
    return Wish(settings.model, settings.style, settings.bars, settings.temperature, (0, 127), settings.lock_key)
