"""The takes there are to choose from: those of the last request, and those kept from earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from musegen_app.editor.takes import Span, Take, notes_of, spliced
from musegen_app.generate.provenance import Origin
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.request import GeneratedNote
from musegen_app.score import Score
from musegen_app.score.provenance import of_number


@dataclass(frozen=True, slots=True)
class Switch:
    """Take ``index`` is to be heard from the moment the playhead leaves ``hold`` (ticks); until then the one shown is."""

    index: int
    hold: Span


@dataclass(frozen=True, slots=True)
class Shelf:
    """A value: ``takes`` as they were drawn; ``shown`` is the index of the one in the roll, −1 for none."""

    takes: tuple[Take, ...] = ()
    shown: int = -1
    switch: Switch | None = None

    @property
    def take(self) -> Take | None:
        """The take whose ghosts are in the roll."""
        return self.takes[self.shown] if 0 <= self.shown < len(self.takes) else None

    @property
    def order(self) -> tuple[int, ...]:
        """Indices, the best first: those of the last request by rank, then those kept from earlier ones."""
        latest = max((take.request.id for take in self.takes), default=0)
        ranked = [(take.request.id != latest, take.verdict.rank if take.verdict else 0) for take in self.takes]
        return tuple(sorted(range(len(self.takes)), key=lambda index: (ranked[index], index)))

    @property
    def marked_takes(self) -> tuple[Take, ...]:
        """Those that somebody put a hand to: they are saved with the piece."""
        return tuple(take for take in self.takes if take.is_marked)

    def begun(self, origin: Origin, generation: int = 0) -> Shelf:
        """With new takes for a request in front, the first shown; of the others those that are starred stay.

        So does what a jam left, starred from now on.
        """
        fresh = [Take.of(origin, number=number, generation=generation) for number in range(origin.request.takes)]
        before = [replace(take, is_starred=True) if take.is_played else take for take in self.takes]
        return Shelf((*fresh, *(take for take in before if take.is_starred)), 0)

    def grown(self, request_id: int, notes: Sequence[GeneratedNote]) -> Shelf:
        """With the ghosts that have arrived."""
        numbers = {made.take for made in notes}
        takes = [
            take.grown(notes_of(notes, take.number)) if take.request.id == request_id and take.number in numbers else take
            for take in self.takes
        ]
        return replace(self, takes=tuple(takes))

    def ranked(self, request_id: int, verdicts: Sequence[Verdict]) -> Shelf:
        """With a verdict on each take of a request."""
        by_number = {verdict.take: verdict for verdict in verdicts}
        takes = [
            replace(take, verdict=by_number.get(take.number)) if take.request.id == request_id else take
            for take in self.takes
        ]
        return replace(self, takes=tuple(takes))

    def ended(self, request_id: int) -> Shelf:
        """Without the takes of a request that stayed empty; the first of the others is shown where that was one of them."""
        gone = [take.request.id == request_id and not take.ghosts for take in self.takes]
        if not any(gone):
            return self
        left = tuple(take for take, is_gone in zip(self.takes, gone, strict=True) if not is_gone)
        shown = self.shown - sum(gone[: max(self.shown, 0)])
        if self.take is None or gone[self.shown]:
            shown = 0 if left else -1
        return Shelf(left, shown)

    def put(self, index: int, take: Take) -> Shelf:
        """With another take in this place."""
        return replace(self, takes=(*self.takes[:index], take, *self.takes[index + 1 :]))

    def starred(self, index: int) -> Shelf:
        """With the star of a take set, or gone."""
        take = self.takes[index]
        return self.put(index, replace(take, is_starred=not take.is_starred))

    def showing(self, index: int) -> Shelf:
        """With this take in the roll, at once."""
        return replace(self, shown=index, switch=None)

    def switching(self, index: int, hold: Span) -> Shelf:
        """With this take to come when the playhead leaves ``hold``."""
        return replace(self, switch=None if index == self.shown else Switch(index, hold))

    def marked(self, ids: Collection[int], flag: int) -> Shelf:
        """With a flag turned over for these ghosts of the take shown."""
        take = self.take
        return self if take is None or not ids else self.put(self.shown, take.marked(ids, flag))

    def joined(self, index: int, span: Span) -> Shelf:
        """With the notes within ``span`` of another take in the one shown."""
        take = self.take
        return self if take is None or index == self.shown else self.put(self.shown, take.joined(self.takes[index], span))

    def kept(self) -> Shelf:
        """The starred takes alone, none of them shown."""
        return Shelf(tuple(take for take in self.takes if take.is_starred))

    def without(self, index: int) -> Shelf:
        """Without one of the takes; where it was the one shown, none is."""
        left = (*self.takes[:index], *self.takes[index + 1 :])
        shown = -1 if index == self.shown else self.shown - (index < self.shown)
        return Shelf(left, shown)

    def over(self, score: Score) -> Shelf:
        """With the take shown replacing what an accepted take of the same generation left in ``score``."""
        take = self.take
        if take is None or not take.generation:
            return self
        left = [of_number(track.notes, take.generation) for track in score.tracks]
        ids = {note_id for notes in left for note_id in notes.id[notes.starting_in(*take.span)].tolist()}
        return self.put(self.shown, replace(take, replaced=take.replaced | ids)) if ids else self

    def sounds_as(self, other: Shelf) -> bool:
        """Whether the same is heard, as far as can be told at once."""
        if self.take is not other.take or self.switch != other.switch:
            return False
        return self.switch is None or self.takes[self.switch.index] is other.takes[self.switch.index]

    @property
    def heard(self) -> Take | None:
        """The take as it is heard: the one shown, or, while another is to come, the two of them joined at the line."""
        take, switch = self.take, self.switch
        if switch is None:
            return take
        coming = self.takes[switch.index]
        if take is None or take.replaced != coming.replaced or take.track_id != coming.track_id:
            return take
        return replace(coming, ghosts=spliced(coming.ghosts, take.ghosts, switch.hold))
