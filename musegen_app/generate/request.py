"""What is asked of a model, and what it answers: frozen values that hold everything they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from musegen_app.errors import InputError
from musegen_app.score import EMPTY, TICKS_PER_QUARTER, Key, Note, NoteTable, Score, Timeline

MAX_BARS = 256
MAX_TAKES = 32
KEEPS: Final = ("", "rhythm", "pitches")
ENDINGS: Final = ("", "close", "open")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How notes are drawn. Near 1.0 a calibrated model sounds like real music; sharper sampling falls into loops.

    ``temperature`` 0.05–4 scales the log-probabilities of pitches (onsets and lengths use 0.95 of it), ``top_p`` 0–1 keeps
    the likeliest that together reach it, ``min_p`` 0–1 drops what is less likely than this share of the likeliest.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    min_p: float = 0.01

    def __post_init__(self) -> None:
        if not 0.05 <= self.temperature <= 4:
            raise InputError(f"Temperature {self.temperature} is outside 0.05 to 4.")
        if not 0 < self.top_p <= 1:
            raise InputError(f"Top-p {self.top_p} is outside 0 to 1.")
        if not 0 <= self.min_p < 1:
            raise InputError(f"Min-p {self.min_p} is outside 0 to 1.")


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Continue ``notes`` by ``bars`` bars, or fill the gap from ``start_tick`` to ``until_tick``.

    ``notes`` is the seed in ticks (its notes before the span's start are read, the rest ignored); ``timeline`` gives tempo
    and metre; ``start_tick`` is where the continuation begins, None for where the seed ends (see :func:`span_of`).
    ``key`` locks pitches to a scale, ``pitch_range`` is inclusive; both are never violated. The same request with the same
    ``seed_number`` gives the same notes. ``takes`` are drawn together as one batch. ``id`` comes back with every note.

    With ``until_tick`` the request is a fill: ``start_tick`` must be given, ``bars`` is not looked at, and the notes that
    start at or after it are heard as what follows; what starts within the gap is ignored. Only a family that says so can
    fill. ``controls`` are numbers of the family's own (see :class:`musegen_app.generate.families.Control`) by name.

    ``standing`` are notes of other tracks, before, in and after the span: they are heard, stay as they are, and what is
    generated goes with them. ``keep`` says what stays of ``kept``, the notes that the span holds now: their onsets and
    lengths ("rhythm") or their pitches, in order ("pitches"); "" keeps nothing. ``ending`` asks for a phrase that closes at
    the end of the span ("close") or one that leads on ("open"); "" leaves it to the model. ``chords`` are (tick, pitch
    classes as a mask of 12 bits, bit 0 for C), each in force until the next; a mask of 0 ends the last one.
    ``prompt``: the first note comes where the span begins, or as soon after as the rest allows; heeded by note-event models.
    """

    notes: NoteTable
    timeline: Timeline
    bars: int = 8
    start_tick: int | None = None
    model: str = ""
    style: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    key: Key | None = None
    pitch_range: tuple[int, int] = (0, 127)
    seed_number: int = 0
    takes: int = 1
    until_tick: int | None = None
    controls: tuple[tuple[str, float], ...] = ()
    standing: NoteTable = EMPTY
    kept: NoteTable = EMPTY
    keep: str = ""
    ending: str = ""
    chords: tuple[tuple[int, int], ...] = ()
    prompt: bool = False
    id: int = 0

    def __post_init__(self) -> None:
        low, high = self.pitch_range
        if not 1 <= self.bars <= MAX_BARS:
            raise InputError(f"{self.bars} bars cannot be generated; ask for 1 to {MAX_BARS}.")
        if not 1 <= self.takes <= MAX_TAKES:
            raise InputError(f"{self.takes} takes cannot be generated; ask for 1 to {MAX_TAKES}.")
        if not 0 <= low <= high <= 127:
            raise InputError(f"The pitch range {low} to {high} is not within 0 to 127.")
        if self.until_tick is not None and (self.start_tick is None or self.start_tick >= self.until_tick):
            raise InputError("A gap to fill ends after it begins.")
        if self.keep not in KEEPS or self.ending not in ENDINGS:
            raise InputError(f'There is no way to keep "{self.keep}" or to end "{self.ending}".')

    def control(self, name: str, default: float) -> float:
        """The family's own control ``name``, or ``default`` where the request does not tell."""
        return dict(self.controls).get(name, default)

    @property
    def span(self) -> tuple[int, int]:
        """Start and end tick of the continuation, or of the gap."""
        if self.start_tick is not None and self.until_tick is not None:
            return self.start_tick, self.until_tick
        return span_of(self.notes, self.timeline, self.bars, self.start_tick)


@dataclass(frozen=True, slots=True)
class GeneratedNote:
    """One note of take ``take`` (from 0), in score ticks; ``log_prob`` in nats under the model without any mask.

    ``energy`` is the free energy a step, in nats, of the window the note was drawn in, where the model has one.
    """

    request_id: int
    take: int
    note: Note
    log_prob: float
    energy: float | None = None


class Generator(Protocol):
    """A loaded model. Used from one thread at a time; holds no state between requests."""

    @property
    def name(self) -> str:
        """The model's name, as the registry knows it."""
        ...

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        """Yield notes as soon as they are known; asks ``cancelled`` before every note.

        A model that draws columns knows a note when it ends, so within a take notes may come in the order of their ends.

        Raises:
            ModelError: the model cannot run.
            InputError: the request cannot be met (a scale and range with no common pitch, a gap for a model that cannot
                fill).
        """
        ...


@runtime_checkable
class Remarking(Protocol):
    """A generator that can say what of a seed it does not hear as it is."""

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        """Sentences such as "5 chords of the seed are unknown to this model; it hears the nearest it knows."."""
        ...


def remarks_of(generator: Generator, request: GenerateRequest) -> tuple[str, ...]:
    """What ``generator`` remarks on a request; nothing from one that does not remark."""
    return generator.remarks(request) if isinstance(generator, Remarking) else ()


def mean_energy(notes: Sequence[GeneratedNote]) -> float | None:
    """Mean free energy a step, in nats, over the notes that tell it; None where none does."""
    told = [note.energy for note in notes if note.energy is not None]
    return sum(told) / len(told) if told else None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well a model foresees music: ``nats`` a ``unit`` ("note", "column", …) as the mean over ``units`` of them."""

    unit: str
    units: int
    nats: float


@runtime_checkable
class Foreseeing(Protocol):
    """A generator that can say how likely music is."""

    def likelihood(self, scores: Iterable[Score]) -> Likelihood:
        """Held-out likelihood of ``scores`` by the very graph that generates, in the family's own unit."""
        ...


def span_of(notes: NoteTable, timeline: Timeline, bars: int, start_tick: int | None = None) -> tuple[int, int]:
    """Where a continuation of ``bars`` bars begins and ends.

    It begins at ``start_tick``, or at the first beat at or after the end of the seed, and ends on a bar line: what is left
    of the bar in which it begins comes on top of the ``bars`` asked for.
    """
    if start_tick is None:
        end = _felt_end(notes)
        bar = timeline.bar_start(timeline.bar_at(end))
        beat = timeline.metre_at(end).beat_ticks
        start_tick = min(bar + -(-(end - bar) // beat) * beat, timeline.bar_ceil(end))
    first_line = timeline.bar_ceil(start_tick)
    return start_tick, timeline.bar_start(timeline.bar_at(first_line) + bars)


def _felt_end(notes: NoteTable) -> int:
    """Where the seed ends to the ear: a played note may ring a 32nd past the bar line without opening a new beat."""
    if not notes:
        return 0
    return max(int(notes.start[-1]) + 1, notes.end_tick - TICKS_PER_QUARTER // 8)
