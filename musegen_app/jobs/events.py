"""What a worker tells: frozen values that are safe to hand from thread to thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from musegen_app.errors import MuseGenError
from musegen_app.generate import GeneratedNote, GenerateRequest
from musegen_app.generate.insight import Answer, Query
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.request import mean_energy


@dataclass(frozen=True, slots=True)
class ModelReady:
    """The model called ``model`` is loaded; generating with it begins at once."""

    model: str


@dataclass(frozen=True, slots=True)
class NotesArrived:
    """One or more new notes of a request, in the order they were drawn."""

    request_id: int
    notes: tuple[GeneratedNote, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A request ended: ``notes`` are all that arrived, ``seconds`` the time from the first wish for a note to the last note.

    ``cancelled`` tells that it was cut short, by :meth:`Worker.cancel` or by a newer request. ``remarks`` are sentences on
    what of the seed the model did not hear as it is.
    """

    request_id: int
    notes: tuple[GeneratedNote, ...]
    seconds: float
    cancelled: bool
    remarks: tuple[str, ...] = ()

    @property
    def energy(self) -> float | None:
        """Mean energy a step, in nats, where the model has one."""
        return mean_energy(self.notes)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The takes of a request that ended uncut: a verdict on each. Comes after :class:`Finished`, unless a request waits."""

    request_id: int
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A request could not be met, or (``request_id`` None) a model could not be loaded ahead. ``error`` is one sentence."""

    request_id: int | None
    error: MuseGenError


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to the question with this id. One that a newer question of its kind replaced is never told."""

    query_id: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question could not be answered. ``error`` is one sentence."""

    query_id: int
    error: MuseGenError


JobEvent = ModelReady | NotesArrived | Finished | Ranked | Failed | Answered | Unanswered
OnEvent = Callable[[JobEvent], None]


class Worker(Protocol):
    """Generates what is asked, one request at a time; of several requests the newest wins.

    Each submitted request ends with exactly one :class:`Finished` or :class:`Failed`, unless the worker is closed first.
    """

    def submit(self, request: GenerateRequest) -> None:
        """Generate; requests that came before are cancelled."""
        ...

    def cancel(self) -> None:
        """Stop before the next note. Nothing happens when nothing is going on."""
        ...

    def preload(self, model: str) -> None:
        """Load a model ("" for the default) before it is needed; :class:`ModelReady` or :class:`Failed` follows."""
        ...

    def ask(self, query: Query) -> None:
        """Answer a question to a model, beside what it writes: :class:`Answered` or :class:`Unanswered` follows.

        Of several questions of one kind the newest wins; those it replaces are not answered.
        """
        ...

    def drop(self, kind: type[Query]) -> None:
        """Nobody waits any more for the answer to a question of this kind."""
        ...

    def forget(self) -> None:
        """Load each model anew when it is next needed: its folder may hold another by now."""
        ...

    def close(self) -> None:
        """Stop for good; no event comes once this has returned. May be called twice."""
        ...
