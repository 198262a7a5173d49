"""The families of models: how each is loaded, what it can be asked for, and the controls that it really has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from musegen_app.encoding.drums import PITCHED
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.request import Generator
from musegen_app.generate.steering import MOST_DENSITY


@dataclass(frozen=True, slots=True)
class Control:
    """A number of a family's own, for ``GenerateRequest.controls``: from ``low`` to ``high`` in steps of ``step``.

    One that runs from 0 to 1 in steps of 1 is a switch; one with ``choices`` takes these values alone. ``label`` and
    ``tip`` are what the window says; it calls the default ``neutral`` where that is told, other values by their
    ``choice_names``, or in ``unit`` ("%" tells hundredths), and folds away what is ``lesser``.
    """

    name: str
    label: str
    tip: str
    low: float
    high: float
    default: float
    step: float
    choices: tuple[float, ...] = ()
    choice_names: tuple[str, ...] = ()
    neutral: str = ""
    unit: str = ""
    lesser: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return (self.low, self.high, self.step) == (0, 1, 1)


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of model. ``load`` imports its module late, since ONNX Runtime takes a while.

    ``unit`` is what its likelihood counts by: its metrics are ``nats_per_<unit>`` and ``unigram_nats_per_<unit>``.
    ``can_fill`` says that it fills a gap between two ends; ``has_temperature`` that it heeds ``Sampling.temperature``,
    ``has_styles`` that it can be told in which of its styles to write. As published a family has ``published_controls``
    alone, heeds a temperature where ``published_has_temperature``, and fills nothing: see :func:`controls_of`,
    :func:`has_temperature` and :func:`fills`. ``is_guided`` says that it heeds what stands and is kept, the ending asked for
    and the chords.
    """

    name: str
    title: str
    unit: str
    load: Callable[[Manifest], Generator]
    controls: tuple[Control, ...] = ()
    can_fill: bool = False
    has_temperature: bool = True
    has_styles: bool = True
    published_controls: tuple[Control, ...] = ()
    published_has_temperature: bool = False
    is_guided: bool = False


def _note_events(manifest: Manifest) -> Generator:
    from musegen_app.generate.note_events import NoteEventGenerator

    return NoteEventGenerator(manifest)


def _boltzmann(manifest: Manifest) -> Generator:
    from musegen_app.generate.rbm import BoltzmannGenerator

    return BoltzmannGenerator(manifest)


def _chord_words(manifest: Manifest) -> Generator:
    from musegen_app.generate.chord_lstm import load

    return load(manifest)


def _piano_roll(manifest: Manifest) -> Generator:
    from musegen_app.generate.roll_lstm import load_roll

    return load_roll(manifest)


_DENSITY: Final = Control(
    "density",
    "Density",
    "More notes to the right, fewer to the left; 0 is what the model holds likely.",
    low=-1,
    high=1,
    default=0,
    step=0.1,
)

_NOTES_A_BAR: Final = Control(
    "density",
    "Density",
    "Notes a bar; 0 is as many as the model holds likely.",
    low=0,
    high=MOST_DENSITY,
    default=0,
    step=1,
    neutral="As it comes",
    unit="a bar",
)

_POLYPHONY: Final = Control(
    "polyphony",
    "Polyphony",
    "The most notes that sound at once, other tracks aside; 1 is a single line, 0 any number.",
    low=0,
    high=12,
    default=0,
    step=1,
    neutral="Any",
    lesser=True,
)

_GRID: Final = Control(
    "grid",
    "Rhythm grid",
    "Notes begin only on so many steps a quarter: 2 is eighths, 3 eighth triplets, 4 sixteenths; 0 is anywhere.",
    low=0,
    high=8,
    default=0,
    step=1,
    choices=(0, 1, 2, 3, 4, 6, 8),
    choice_names=("Any", "1/4", "1/8", "1/8 triplets", "1/16", "1/16 triplets", "1/32"),
    neutral="Any",
    lesser=True,
)

_SWING: Final = Control(
    "swing",
    "Swing",
    "How late the off-eighths come: 0 is straight, 1 a triplet's feel. Metres counted in eighths stay straight.",
    low=0,
    high=1,
    default=0,
    step=0.05,
    neutral="Straight",
    unit="%",
    lesser=True,
)

_FEEL: Final = Control(
    "feel",
    "Feel",
    "How much velocities vary: 0 is as it comes, 1 twice as much, or clear accents where the seed's are all alike.",
    low=0,
    high=1,
    default=0,
    step=0.05,
    neutral="As it comes",
    unit="%",
    lesser=True,
)

_CHORD_LOCK: Final = Control(
    "chord_lock",
    "Only chord notes",
    "Over a chord track nothing but notes of the chords; else they are only preferred, on beats most.",
    low=0,
    high=1,
    default=0,
    step=1,
    lesser=True,
)

_RECALL: Final = Control(
    "recall",
    "Recall themes",
    "Earlier bars may come back, as they were or in another key, as they do in real music; off, what follows is always new.",
    low=0,
    high=1,
    default=1,
    step=1,
    lesser=True,
)

_RECALL_BARS: Final = replace(
    _RECALL,
    label="Recall bars",
    tip="Earlier bars come back, as they do where somebody plays; off, what follows is always new.",
)
"""The same of a drummer, who has no themes or keys."""

_NOTE_EVENTS: Final = (_NOTES_A_BAR, _RECALL, _POLYPHONY, _GRID, _SWING, _FEEL, _CHORD_LOCK)

_PITCHED_ONLY: Final = {_POLYPHONY.name, _CHORD_LOCK.name}
"""Controls that a drummer has no use for."""

_STRETCH: Final = Control(
    "stretch",
    "Stretch",
    "Notes last about four times as long as the model would have them.",
    low=0,
    high=1,
    default=0,
    step=1,
)

_CHAIN: Final = Control(
    "chain",
    "Chain",
    "Gibbs steps a window: a short chain is quick and rough, a long one settles on what the model holds likely.",
    low=1,
    high=200,
    default=24,
    step=1,
)

_ARGMAX: Final = Control(
    "argmax",
    "Likeliest",
    "Takes the likeliest word each time instead of drawing: it soon goes round in a loop, as the published recipe did.",
    low=0,
    high=1,
    default=0,
    step=1,
)

_ROLL: Final = (_DENSITY, _STRETCH)

FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        Family("note-events", "Note-event LSTM", "note", _note_events, _NOTE_EVENTS, can_fill=True, is_guided=True),
        Family("roll-lstm", "Piano-roll LSTM", "column", _piano_roll, _ROLL, published_controls=_ROLL),
        Family(
            "rbm",
            "Boltzmann machine",
            "step",
            _boltzmann,
            (_CHAIN,),
            can_fill=True,
            has_styles=False,
            published_has_temperature=True,
        ),
        Family("chord-lstm", "Word LSTM", "word", _chord_words, (_ARGMAX,), has_styles=False),
    )
}
"""All families by name, as manifests and ``musegen train --family`` call them."""


def nats(manifest: Manifest) -> float | None:
    """Held-out nats a unit of the model's family, None where they were not measured."""
    return manifest.metric(f"nats_per_{unit_of(manifest)}")


def unigram_nats(manifest: Manifest) -> float | None:
    """What counting single units alone would cost on the same pieces, None where it was not measured."""
    return manifest.metric(f"unigram_nats_per_{unit_of(manifest)}")


def is_as_published(manifest: Manifest) -> bool:
    """Whether the model was built as its family's authors had it, faults and all."""
    return manifest.settings.get("as_published") is True


def controls_of(manifest: Manifest) -> tuple[Control, ...]:
    """The controls that the model really has."""
    family = FAMILIES.get(manifest.family)
    if family is None:
        return ()
    controls = family.published_controls if is_as_published(manifest) else family.controls
    missing = set() if manifest.instrument == PITCHED else set(_PITCHED_ONLY)
    if not any(tensor.name == "recall_classes" for tensor in manifest.inputs):
        missing.add(_RECALL.name)  # made before models were told what the music recalls
    own = {} if manifest.instrument == PITCHED else {_RECALL.name: _RECALL_BARS}
    return tuple(own.get(control.name, control) for control in controls if control.name not in missing)


def has_temperature(manifest: Manifest) -> bool:
    """Whether the model heeds ``Sampling.temperature``."""
    family = FAMILIES.get(manifest.family)
    if family is None:
        return True
    return family.published_has_temperature if is_as_published(manifest) else family.has_temperature


def fills(manifest: Manifest) -> bool:
    """Whether the model fills a gap between two ends; as published none does."""
    family = FAMILIES.get(manifest.family)
    return family is not None and family.can_fill and not is_as_published(manifest)


def is_guided(manifest: Manifest) -> bool:
    """Whether the model heeds what stands and is kept, the ending asked for and the chords; as published none does."""
    family = FAMILIES.get(manifest.family)
    return family is not None and family.is_guided and not is_as_published(manifest)


def for_instrument(models: Iterable[Manifest], instrument: str) -> tuple[Manifest, ...]:
    """Those of ``models`` that play ``instrument``: drums, or notes of a pitch."""
    return tuple(model for model in models if model.instrument == instrument)


def unit_of(manifest: Manifest) -> str:
    """What the likelihood of the model counts by: "note", "column" and so on."""
    family = FAMILIES.get(manifest.family)
    return family.unit if family else "note"
