"""Which model continues: one is chosen for drum tracks, and one for all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from musegen_app.encoding.drums import DRUMS
from musegen_app.generate.families import for_instrument
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import default_of
from musegen_app.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What is continued, the name of the model that does it ("" for none) and the style it was asked for."""

    instrument: str
    model: str
    style: str

    @classmethod
    def of(cls, instrument: str, models: Iterable[Manifest], settings: Settings) -> ModelChoice:
        """The model that was chosen for ``instrument`` where it is still there, else the default one."""
        playing = for_instrument(models, instrument)
        names = {model.name for model in playing}
        own, style = settings.model, settings.style
        if instrument == DRUMS:
            own, style = settings.drum_model, settings.drum_style
        return cls(instrument, own if own in names else default_of(playing, instrument), style)

    @property
    def is_for_drums(self) -> bool:
        """Whether drums are continued."""
        return self.instrument == DRUMS
