"""The right panel: which model continues, how, and what becomes of what it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from musegen_app.generate.manifest import Manifest
from musegen_app.score import Key
from musegen_app.ui.controls.card import Card
from musegen_app.ui.controls.choice import Choice
from musegen_app.ui.controls.elided import ElidedLabel
from musegen_app.ui.controls.range_row import RangeRow
from musegen_app.ui.controls.seed_row import SeedRow
from musegen_app.ui.controls.segmented import Segmented
from musegen_app.ui.controls.slider_row import Scale, SliderRow
from musegen_app.ui.controls.toggle import Toggle
from musegen_app.ui.panels.model_facts import facts
from musegen_app.ui.panels.take_box import TakeBox
from musegen_app.ui.theme import RIGHT_PX

BARS: Final = (2, 4, 8, 16)
SURPRISE: Final = Scale(0.5, 1.5, 1.0, 0.05, lambda value: f"{value:.2f}".rstrip("0").ljust(3, "0"))
AS_THE_SEED: Final = "As the seed"
_LABEL_PX: Final = 56


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panel asks for. ``model`` and ``style`` are names, "" for the default; ``pitch_range`` is inclusive."""

    model: str
    style: str
    bars: int
    temperature: float
    pitch_range: tuple[int, int]
    stay_in_key: bool


class GeneratePanel(QFrame):
    """Shows models and choices; ``changed`` comes with each choice of the user, ``model_chosen`` with another model."""

    changed = Signal()
    model_chosen = Signal(str)

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("rightPanel")
        self.setFixedWidth(RIGHT_PX)
        self._models: tuple[Manifest, ...] = ()
        self._model = ""
        self.card = Card("Looking for models…", "The model that continues", self.fill_models)
        self.style_row = QWidget()
        self.style_choice = Choice("Style", "The kind of music it was taught to write")
        self.length = Segmented([(bars, str(bars)) for bars in BARS], "Length in bars")
        self.length.setToolTip("How many bars are continued")
        self.surprise = SliderRow("Surprise", SURPRISE, "Low is what the model expects, high is what it would rarely write")
        self.range = RangeRow("Range", "The lowest and highest note of the continuation")
        self.stay = Toggle("Stay in key", "No note outside the key's scale, ever")
        self.seed = SeedRow()
        self.take = TakeBox(actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addWidget(_tab("Continue"))
        column.addSpacing(8)
        column.addWidget(self.card)
        column.addSpacing(4)
        _fill_row(self.style_row, "Style", self.style_choice)
        column.addWidget(self.style_row)
        length_row = QWidget()
        _fill_row(length_row, "Length", self.length)
        column.addWidget(length_row)
        column.addSpacing(8)
        for widget in (self.surprise, self.range):
            column.addWidget(widget)
            column.addSpacing(2)
        column.addWidget(self.stay)
        column.addWidget(self.seed)
        column.addSpacing(8)
        column.addWidget(self.take)
        column.addStretch(1)
        self._join()

    @property
    def wish(self) -> Wish:
        """What is chosen now."""
        bars = self.length.value
        return Wish(
            model=self._model,
            style=self.style_choice.value,
            bars=bars if isinstance(bars, int) else BARS[2],
            temperature=self.surprise.value,
            pitch_range=self.range.value,
            stay_in_key=self.stay.isChecked(),
        )

    def show_models(self, models: Sequence[Manifest], chosen: str, problem: str = "") -> None:
        """Show the models there are and the one in use; ``problem`` stands on the card when there is none."""
        self._models = tuple(models)
        manifest = next((m for m in models if m.name == chosen), None)
        self._model = manifest.name if manifest else ""
        if manifest is None:
            self.card.show_card("No model", problem or "No model is installed.")
        else:
            self.card.show_card(manifest.title, facts(manifest))
        self._show_styles(manifest)

    def show_choices(self, wish: Wish) -> None:
        """Show choices, quietly (those remembered from the last start)."""
        self.length.set_value(wish.bars if wish.bars in BARS else BARS[2])
        self.surprise.set_value(wish.temperature)
        self.range.set_value(*wish.pitch_range)
        self.stay.setChecked(wish.stay_in_key)
        self.style_choice.set_value(wish.style)

    def show_key(self, key: Key | None) -> None:
        """Say which key "Stay in key" means."""
        self.stay.setText(f"Stay in {key.name}" if key else "Stay in key")
        self.stay.setEnabled(key is not None)
        self.stay.update()

    def fill_models(self, menu: QMenu) -> None:
        """Put the models into the card's menu."""
        for manifest in self._models:
            action = menu.addAction(f"{manifest.title}\t{facts(manifest)}")
            action.setCheckable(True)
            action.setChecked(manifest.name == self._model)
            action.triggered.connect(lambda _=False, name=manifest.name: self.model_chosen.emit(name))
        if not self._models:
            menu.addAction("No model is installed").setEnabled(False)

    def _show_styles(self, manifest: Manifest | None) -> None:
        styles = manifest.styles if manifest else ()
        default = manifest.default_style if manifest else ""
        words = {} if default in styles else {"": AS_THE_SEED}
        words |= {style: style.replace("-", " ").replace("_", " ").capitalize() for style in styles}
        self.style_choice.offer(words, default)
        self.style_row.setVisible(len(words) > 1)

    def _join(self) -> None:
        for signal in (
            self.length.changed,
            self.surprise.changed,
            self.range.changed,
            self.stay.clicked,
            self.style_choice.chosen,
        ):
            signal.connect(lambda *_: self.changed.emit())


def _tab(text: str) -> QWidget:
    tab = QFrame()
    tab.setObjectName("tab")
    label = QLabel(text)
    label.setProperty("kind", "tab")
    label.setFixedHeight(28)
    row = QHBoxLayout(tab)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(label)
    row.addStretch(1)
    return tab


def _fill_row(holder: QWidget, text: str, widget: QWidget) -> None:
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    label = ElidedLabel(text)
    label.setFixedWidth(_LABEL_PX)
    row.addWidget(label)
    row.addWidget(widget, 1)
