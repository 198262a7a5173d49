"""The right panel: which model continues or fills, how, and what becomes of what it wrote; and the way to training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QVBoxLayout, QWidget

from musegen_app.editor.asking import FillMode
from musegen_app.editor.jam import JamMode
from musegen_app.encoding.drums import DRUMS, PITCHED
from musegen_app.generate.families import FAMILIES, controls_of, has_temperature, is_guided
from musegen_app.generate.manifest import Manifest
from musegen_app.score import Key
from musegen_app.ui.controls.card import Card
from musegen_app.ui.controls.choice import Choice
from musegen_app.ui.controls.control_rows import ControlRows
from musegen_app.ui.controls.fold import Fold
from musegen_app.ui.controls.range_row import RangeRow
from musegen_app.ui.controls.seed_row import SeedRow
from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.controls.tab_order import follow_layout
from musegen_app.ui.controls.tabs import Tabs
from musegen_app.ui.controls.toggle import Toggle
from musegen_app.ui.panels import model_menu
from musegen_app.ui.panels.choices import SIDE_PX, ScrolledColumn, labelled
from musegen_app.ui.panels.fill_box import DRUM_MODES, PITCHED_MODES, FillBox
from musegen_app.ui.panels.jam_box import JamBox
from musegen_app.ui.panels.model_facts import details, facts
from musegen_app.ui.panels.take_box import TakeBox
from musegen_app.ui.panels.takes_box import TakesBox
from musegen_app.ui.panels.train_page import TrainPage
from musegen_app.ui.panels.wish import Mode, Wish
from musegen_app.ui.theme import RIGHT_PX

BARS: Final = (2, 4, 8, 16)
SURPRISE: Final = Scale(0.5, 1.5, 1.0, 0.05, lambda value: f"{value:.2f}".rstrip("0").ljust(3, "0"))
AS_THE_SEED: Final = "As the seed"
ENDINGS: Final = (("", "As it comes"), ("close", "Closes"), ("open", "Leads on"))
PARTS: Final = ((False, "All parts"), (True, "This track"))
NO_DRUMMER: Final = "No installed model plays drums."
ON_DRUMS: Final = "Written for this drum track. Drum tracks are heard; other tracks, keys and chords are not."
_CARD_TIP: Final = "The model that continues and fills"


class GeneratePanel(QFrame):
    """Shows models and choices.

    ``changed`` comes with each choice of the user, ``model_chosen`` with another model that the user chose, ``model_shown``
    when one is shown, ``mode_changed`` with another tab,
    ``train_requested`` with the wish to train, ``unmarked`` with the wish to let go of what is marked to be filled.
    """

    changed = Signal()
    model_chosen = Signal(str)
    model_shown = Signal()
    mode_changed = Signal(object)
    train_requested = Signal()
    unmarked = Signal()

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("rightPanel")
        self.setFixedWidth(RIGHT_PX)
        self._models: tuple[Manifest, ...] = ()
        self._broken: tuple[str, ...] = ()
        self._model, self._instrument = "", PITCHED
        self.tabs = Tabs([(mode, mode.value) for mode in Mode], "What the model does")
        self.card = Card("Looking for models…", _CARD_TIP, self.fill_models)
        self.broken = _hidden_words("warning")
        self.drums = _hidden_words("small", ON_DRUMS)
        self.style_choice = Choice("Style", "The kind of music it was taught to write")
        self.style_row = labelled("Style", self.style_choice)
        self.length = Segmented([(bars, str(bars)) for bars in BARS], "Length in bars")
        self.length.setToolTip("How many bars are continued")
        self.length_row = labelled("Length", self.length)
        self.ending = Segmented(ENDINGS, "Ending")
        self.ending.setToolTip("How the last bar goes: as it comes, with a phrase that closes, or one that leads on")
        self.parts = Segmented(PARTS, "Written for")
        self.parts.setToolTip("All parts share what is written, or the active track has it and the others are heard")
        self.parts_row = labelled("For", self.parts)
        self.fill = FillBox()
        self.jam = JamBox()
        self.surprise = SliderRow("Surprise", SURPRISE, "Low is what the model expects, high is what it would rarely write")
        self.controls = ControlRows()
        self.range = RangeRow("Range", "The lowest and highest note of the continuation")
        self.stay = Toggle("Stay in key", "No note outside the key's scale, ever")
        self.follow = Toggle("Follow the chords", "What is written goes over the chord track's chords")
        self.seed = SeedRow()
        self.more = Fold("More", "Show the lesser controls, or fold them away")
        self.lesser = ControlRows()
        self._are_chords_shown = False
        self._are_parts_offered = False
        self.takes = TakesBox()
        self.take = TakeBox(actions)
        self.train = TrainPage()
        self._lay_out()
        self._join()
        self._show_mode()

    def _lay_out(self) -> None:
        choices = self._choices = ScrolledColumn()
        for widget in (
            self.card,
            self.broken,
            self.drums,
            self.style_row,
            self.length_row,
            self.jam,
            self.ending,
            self.fill,
            self.parts_row,
            self.surprise,
            self.controls,
            self.range,
            self.stay,
            self.follow,
            self.takes,
            self.seed,
            self.more,
        ):
            choices.column.addWidget(widget)
        self.more.column.addWidget(self.lesser)
        self._music = QWidget()
        music = QVBoxLayout(self._music)
        music.setContentsMargins(0, 8, 0, 16)
        music.setSpacing(16)
        music.addWidget(choices)
        take = QVBoxLayout()
        take.setContentsMargins(SIDE_PX, 0, SIDE_PX, 0)
        take.addWidget(self.take)
        music.addLayout(take)
        music.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 8, 0, 0)  # beside the line that parts the panel from the roll
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self._music, 1)
        column.addWidget(self.train, 1)

    @property
    def mode(self) -> Mode:
        """The tab that shows."""
        mode = self.tabs.value
        return mode if isinstance(mode, Mode) else Mode.CONTINUE

    @property
    def wish(self) -> Wish:
        """What is chosen now."""
        bars = self.length.value
        return Wish(
            model=self._model,
            style=self.style_choice.value,
            bars=bars if isinstance(bars, int) else BARS[2],
            temperature=self.surprise.value,
            pitch_range=(0, 127) if self.is_for_drums else self.range.value,
            stay_in_key=self.stay.isChecked(),
            controls=(*self.controls.values, *self.lesser.values),
            ending=str(self.ending.value or "") if self.is_guided else "",
            fill_mode=self.fill.mode,
            one_track=bool(self.parts.value) and self.is_guided,
            follow_chords=self.follow.isChecked() and not self.follow.isHidden(),
            takes=self.takes.count,
            different=self.takes.how_different,
        )

    @property
    def model(self) -> Manifest | None:
        """The model in use, None without one."""
        return next((m for m in self._models if m.name == self._model), None)

    @property
    def is_for_drums(self) -> bool:
        """Whether a drum track is continued."""
        return self._instrument == DRUMS

    @property
    def is_guided(self) -> bool:
        """Whether the model in use heeds what stands, the ending and the chords."""
        return self.model is not None and is_guided(self.model)

    def show_models(
        self, models: Sequence[Manifest], chosen: str, broken: Sequence[str] = (), instrument: str = PITCHED
    ) -> None:
        """Show the models there are, the one in use for ``instrument``, and a sentence for each that is broken."""
        self._models, self._broken, self._model = tuple(models), tuple(broken), chosen
        self._instrument = instrument
        manifest = self.model
        if manifest is None:
            self._model = ""
            lacking = NO_DRUMMER if self._models and self.is_for_drums else "No model is installed."
            self.card.show_card("No model", self._broken[0] if self._broken else lacking)
        else:
            self.card.show_card(manifest.title, facts(manifest))
        self.card.setToolTip(details(manifest) if manifest else _CARD_TIP)
        self._show_broken()
        self._show_styles(manifest)
        self.surprise.setVisible(manifest is None or has_temperature(manifest))
        self._show_guided()
        self.model_shown.emit()

    def show_choices(self, wish: Wish) -> None:
        """Show choices, quietly (those remembered from the last start)."""
        self.length.set_value(wish.bars if wish.bars in BARS else BARS[2])
        self.surprise.set_value(wish.temperature)
        self.range.set_value(*wish.pitch_range)
        self.stay.setChecked(wish.stay_in_key)
        self.style_choice.set_value(wish.style)
        self.ending.set_value(wish.ending)
        self.fill.modes.set_value(wish.fill_mode)
        self.parts.set_value(wish.one_track)
        self.follow.setChecked(wish.follow_chords)
        self.takes.number.set_value(wish.takes)
        if wish.controls:
            self.show_controls(dict(wish.controls))

    def show_controls(self, values: Mapping[str, float]) -> None:
        """Show the controls that the model has, with these values where they are named."""
        controls = controls_of(self.model) if self.model else ()
        self.controls.offer([control for control in controls if not control.lesser], values)
        self.lesser.offer([control for control in controls if control.lesser], values)
        self.more.setVisible(not self.lesser.isHidden())
        follow_layout(self)

    def show_parts(self, *, offered: bool) -> None:
        """Offer to write for the active track alone, where others are to be heard."""
        self._are_parts_offered = offered
        self._show_guided()

    def show_chords(self, *, shown: bool, enabled: bool) -> None:
        """Offer to follow the chord track while it shows; ``enabled``: there are chords."""
        self._are_chords_shown = shown
        self.follow.setEnabled(enabled)
        self._show_guided()

    def show_key(self, key: Key | None) -> None:
        """Say which key "Stay in key" means."""
        self.stay.setText(f"Stay in {key.name}" if key else "Stay in key")
        self.stay.setEnabled(key is not None)
        self.stay.update()

    def fill_models(self, menu: QMenu) -> None:
        """Put the models into the card's menu."""
        chosen = self.model_chosen.emit
        model_menu.fill_models(menu, self._models, self._model, self._broken, chosen, self._instrument)

    def _show_broken(self) -> None:
        """One broken model is told in full; of several the first, and how many more there are."""
        more = len(self._broken) - 1
        tail = f" {more} more cannot be used; the list tells." if more > 0 else ""
        self.broken.setText(self._broken[0] + tail if self._broken else "")
        self.broken.setVisible(bool(self._broken) and self.model is not None)

    def _show_styles(self, manifest: Manifest | None) -> None:
        family = FAMILIES.get(manifest.family) if manifest else None
        styles = manifest.styles if manifest and (family is None or family.has_styles) else ()
        default = manifest.default_style if manifest else ""
        words = {} if default in styles else {"": AS_THE_SEED}
        words |= {style: style.replace("-", " ").replace("_", " ").capitalize() for style in styles}
        self.style_choice.offer(words, default)
        self.style_row.setVisible(len(words) > 1)

    def _show_mode(self) -> None:
        mode = self.mode
        self._music.setVisible(mode is not Mode.TRAIN)
        self.train.setVisible(mode is Mode.TRAIN)
        self.length_row.setVisible(mode is Mode.CONTINUE)
        self.fill.setVisible(mode is Mode.FILL)
        self.jam.setVisible(mode is Mode.JAM)
        self.takes.setVisible(mode is not Mode.JAM)
        self._show_guided()
        self._choices.verticalScrollBar().setValue(0)
        self.mode_changed.emit(mode)

    def _show_guided(self) -> None:
        """Show what only a guided model heeds, where it makes a difference."""
        guided, mode, pitched = self.is_guided, self.mode, not self.is_for_drums
        self.drums.setVisible(not pitched and self.model is not None)
        self.range.setVisible(pitched)
        self.stay.setVisible(pitched)
        self.fill.show_modes((PITCHED_MODES if pitched else DRUM_MODES) if guided else {})
        ends = mode is Mode.CONTINUE or (mode is Mode.JAM and self.jam.mode is JamMode.TRADE)
        self.ending.setVisible(guided and pitched and ends)
        shares = mode is not Mode.FILL or self.fill.mode is FillMode.MUSIC
        self.parts_row.setVisible(guided and pitched and self._are_parts_offered and shares)
        self.follow.setVisible(guided and pitched and self._are_chords_shown)

    def _show_more(self) -> None:
        """Scroll to what was unfolded."""
        self._choices.ensureWidgetVisible(self.more, 0, 8)

    def _join(self) -> None:
        for signal in (
            self.length.changed,
            self.surprise.changed,
            self.controls.changed,
            self.range.changed,
            self.stay.clicked,
            self.style_choice.chosen,
            self.ending.changed,
            self.parts.changed,
            self.follow.clicked,
            self.takes.changed,
            self.lesser.changed,
            self.more.toggled,
            self.fill.mode_chosen,
            self.jam.changed,
        ):
            signal.connect(lambda *_: self.changed.emit())
        self.tabs.changed.connect(lambda _mode: self._show_mode())
        self.more.toggled.connect(lambda _on: QTimer.singleShot(0, self, self._show_more))
        self.fill.mode_chosen.connect(self._show_guided)
        self.jam.changed.connect(self._show_guided)
        self.fill.model_wanted.connect(self.model_chosen)
        self.fill.unmarked.connect(self.unmarked)
        self.train.requested.connect(self.train_requested)


def _hidden_words(kind: str, words: str = "") -> QLabel:
    """A sentence that is not shown yet."""
    label = QLabel(words)
    label.setWordWrap(True)
    label.setProperty("kind", kind)
    label.hide()
    return label
