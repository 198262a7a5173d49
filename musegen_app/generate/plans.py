"""A request as the drawing of its takes needs it: read once, the same for all takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from musegen_app.encoding.context import BARS_LEFT, BARS_UNKNOWN, Floats32
from musegen_app.encoding.note_events import PITCHES, STEP_TICKS, Ints, on_grid
from musegen_app.encoding.recall import PieceRecall
from musegen_app.generate.articulation import longest_hole
from musegen_app.generate.cadence import Cadence
from musegen_app.generate.dynamics import accent
from musegen_app.generate.field import Field
from musegen_app.generate.keeping import Beat, PitchLine, RhythmLine, beats_of, kept_within, latest_steps
from musegen_app.generate.line import Line, Plan, usual_opens
from musegen_app.generate.outlet import Feel, Outlet
from musegen_app.generate.pace import Goal, usual_places
from musegen_app.generate.priming import crowd_of, floors_of, given_inputs, rows_of
from musegen_app.generate.request import GenerateRequest
from musegen_app.generate.scene import Scene
from musegen_app.generate.session import Inputs
from musegen_app.generate.steering import Steering

_LEFT_OPEN: Final = 8
"""Bars that an open ending makes the model believe are still to come."""
_AS_BUSY: Final = 0.8
"""Of the notes a bar that a track had, how many it goes on with at least beside others."""
_HIGHER: Final = 2
_ON_BEAT: Final = 3.0
"""Nats by which notes of the chord are preferred on beats."""
_OFF_BEAT: Final = 1.0


def is_plain(request: GenerateRequest) -> bool:
    """Whether nothing is asked for but to go on: no gap, nothing known, kept or steered."""
    asked = request.standing or request.keep or request.ending or request.chords or request.until_tick is not None
    return not asked and Steering.of(request).is_neutral


@dataclass(frozen=True)
class Part:
    """What all takes of ``request`` share. ``known_count``: how many of the known notes lie within the span.

    ``bars_left`` are the classes of the bars to the end by step, None where nothing is told of it.
    """

    request: GenerateRequest
    scene: Scene
    field: Field
    plan: Plan
    steering: Steering
    beats: tuple[Beat, ...]
    pitches: tuple[int, ...]
    latest: tuple[int, ...]
    known_count: int
    bars_left: Ints | None
    cadence: Cadence

    @classmethod
    def of(cls, request: GenerateRequest) -> Part:
        """Read ``request``.

        Raises:
            InputError: it cannot be met.
        """
        steering = Steering.of(request)
        if request.keep == "rhythm":
            steering = replace(steering, density=0, polyphony=0, grid=1, swing=0)
        scene = Scene.of(request)
        seed, field = scene.seed, Field(request, scene, steering)
        pitches = kept_within(request).pitch.tolist() if request.keep == "pitches" else []
        plan = Plan(
            field,
            _goal(len(pitches), steering.density, scene),
            seed.last_bar,
            0 if request.prompt else int(seed.bars.length[seed.start]),
            steering.polyphony,
            may_close=request.ending != "open",
            crowd=0 if request.keep or steering.polyphony else crowd_of(on_grid([scene.own]).onset),
            top=int(scene.own.pitch.max()) + _HIGHER if scene.own else PITCHES,
            rests=_rests(request, scene, field) if request.ending == "close" else frozenset(),
        )
        return cls(
            request,
            scene,
            field,
            plan,
            steering,
            beats=tuple(beats_of(request, scene, field)) if request.keep == "rhythm" else (),
            pitches=tuple(pitches),
            latest=tuple(latest_steps(pitches, field, steering.polyphony, usual_opens(plan))),
            known_count=int(np.searchsorted(scene.known.onset, field.end)),
            bars_left=_bars_left(scene, request.ending),
            cadence=Cadence(request, scene),
        )

    def line(self) -> Line:
        """A take of its own."""
        closes = self.request.ending == "close" and not self.request.keep
        polyphony = self.steering.polyphony
        hole = 0 if self.request.keep == "rhythm" else longest_hole(self.scene, polyphony)
        outlet = Outlet(self.field, polyphony, closes=closes, longest_hole=hole)
        if self.beats:
            return RhythmLine(self.plan, outlet, list(self.beats))
        if self.pitches:
            return PitchLine(self.plan, outlet, list(self.pitches), list(self.latest))
        return Line(self.plan, outlet)

    def feel(self, take: int) -> Feel:
        """The velocities of take ``take``."""
        return Feel(self.request.timeline, self.scene.dynamics, self.steering.feel, self.request.seed_number, take)

    def leaning(self, step: int, *, is_lowest: bool) -> Floats32 | float:
        """What the chord track or the ending adds to the log-probabilities of pitches at ``step``, in nats."""
        chord = self.field.chords[step - self.field.start]
        if chord.all():  # none is in force
            return self.cadence.leaning(step, is_lowest=is_lowest)
        tick = (self.scene.seed.origin + step) * STEP_TICKS
        weight = _ON_BEAT if accent(self.request.timeline, tick) > 0 else _OFF_BEAT
        lean: Floats32 = chord.astype(np.float32) * np.float32(weight)
        return lean

    # --- hearing ------------------------------------------------------------------------------------------------------

    def seed_inputs(self, style: int, recall: PieceRecall | None) -> Inputs:
        """What comes before the span, and recalls, as inputs of one take that are all given, a row a note."""
        seed = self.scene.seed
        rows = given_inputs(seed.notes, seed.bars, recall, has_velocity=self.scene.has_velocity, style=style)
        at = np.concatenate([[0], seed.notes.onset])
        if self.bars_left is not None:
            rows["classes"][:, 0, BARS_LEFT] = self.bars_left[at]
        foreseen = self.foreseen(at, floors_of(rows, seed.notes))
        for value in foreseen.values():
            value[:, :-1] = 0  # as in training: what is to come is told where drawing begins
        rows |= {name: value.swapaxes(0, 1) for name, value in foreseen.items()}
        return rows if seed.is_whole else rows | rows_of(rows, slice(1, None))

    def foreseen(self, at: Ints, floor: Ints) -> Inputs:
        """What is known to come at each moment: inputs of one row of takes, none where nothing is known."""
        if self.scene.anticipation.is_empty:
            return {}
        classes, sounds = self.scene.anticipation.look(at, floor, self.scene.seed.bars.length[at])
        return {"known_classes": classes[None], "known_sounds": sounds[None]}


def _goal(count: int, density: float, scene: Scene) -> Goal | None:
    """How many notes are asked for; beside notes that stand about as many a bar as the track had, if nothing is asked.

    Around what stands a model that was silent once takes silence for the track's own: it is kept from falling behind.
    """
    bars, heard = scene.seed.bars, scene.seed.notes.onset
    steps = np.arange(scene.seed.start, scene.seed.end)
    lengths, usual = bars.length[steps], usual_places(heard - bars.start[heard], steps - bars.start[steps])
    if count:
        return Goal(count, count, count, lengths, usual)
    if density:
        return Goal.of_bars(density, lengths, usual)
    busy = scene.notes_a_bar if scene.stands else 0.0
    return Goal.at_least(_AS_BUSY * busy, lengths, usual) if busy >= 1 else None


def _rests(request: GenerateRequest, scene: Scene, field: Field) -> frozenset[int]:
    """The open steps of the last bar that a phrase may come to rest on: its beats but the last, or else any."""
    steps = [step for step in field.opens if step >= scene.seed.last_bar]
    beats = [step for step in steps if accent(request.timeline, (scene.seed.origin + step) * STEP_TICKS) > 0]
    return frozenset(beats[:-1] or beats or steps)


def _bars_left(scene: Scene, ending: str) -> Ints | None:
    """How many bars the model believes are left, by step: those to the end of the span, or always some more."""
    if not ending:
        return None
    seed = scene.seed
    left = seed.bars.bars_left(np.arange(len(seed.bars)), seed.end)
    return left if ending == "close" else np.minimum(left + _LEFT_OPEN, BARS_UNKNOWN - 1)
