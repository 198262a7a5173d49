"""The player, as the window and the terminal use it: commands that return at once, a position that is always known."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

from musegen_app.midi_io import messages
from musegen_app.midi_io.devices import PortList
from musegen_app.playback.plan import Plan
from musegen_app.playback.process import EngineProcess
from musegen_app.score import Score

_AHEAD_S: Final = 2.0
_TOP_UP_S: Final = 1.0
_START_S: Final = 0.03  # from the command to the first event: the way to the engine
_EDIT_S: Final = 0.02
_RESTARTS: Final = 1


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """The open port ("" for none), a sentence where something is wrong, the engine's priority in words, its lateness.

    Lateness is that of the last 2,048 events, None before the first: 99th percentile, median and worst.
    """

    port: str = ""
    problem: str = ""
    priority: str = ""
    lateness_p99_ms: float | None = None
    lateness_p50_ms: float | None = None
    lateness_max_ms: float | None = None


class Player:
    """Plays a score through the engine. All calls belong to one thread and return at once; call :meth:`poll` often.

    The position is computed from the clock that this process and the engine share, so it needs no answer.
    """

    def __init__(self) -> None:
        self._engine = EngineProcess()
        self._restarts_left = _RESTARTS
        self._plan: Plan | None = None
        self._planned_until_s = 0.0
        self._stopped_tick = 0.0
        self._wanted_port = ""
        self._status = PlayerStatus()
        self._ports = PortList()

    # --- ports --------------------------------------------------------------------------------------------------------

    def ports(self) -> PortList:
        """The output ports as of about a second ago."""
        self.poll()
        return self._ports

    def open_port(self, name: str) -> None:
        """Play through this port from now on, "" for none. :meth:`status` tells when it is open, or why not."""
        self._wanted_port = name
        self._engine.send("port", name)

    def status(self) -> PlayerStatus:
        """How things stand."""
        return self._status

    # --- transport ----------------------------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether the playhead runs."""
        return self._plan is not None

    def play(self, score: Score, from_tick: int, loop: tuple[int, int] | None = None, *, metronome: bool = False) -> None:
        """Play from a tick on, for ever: the caller decides where to stop. Playing already, it goes on from there."""
        self._begin(Plan.prepared(score, loop, metronome=metronome), from_tick)

    def update(self, score: Score) -> None:
        """Another score takes over 20 ms from now, at the same tick; what sounds in both goes on sounding."""
        if self._plan is None:
            return
        prepared = Plan.prepared(score, self._plan.loop, metronome=self._plan.metronome)
        turn = max(time.perf_counter() + _EDIT_S, self._plan.began_s)
        plan = prepared.going_on(turn, self._plan.tick(turn))
        until = turn + _AHEAD_S
        self._engine.send("replace", turn, plan.sounding(turn), tuple(plan.events(turn, until)))
        self._plan, self._planned_until_s = plan, until

    def stop(self) -> None:
        """Stop here; every note gets its off."""
        self._stopped_tick = self.position_tick()
        self._plan = None
        self._engine.send("stop")

    def seek(self, tick: int) -> None:
        """Go elsewhere, playing on if it played."""
        if self._plan is None:
            self._stopped_tick = float(tick)
        else:
            self._begin(self._plan, tick)

    def position_tick(self) -> float:
        """Where the playhead is now."""
        return self._stopped_tick if self._plan is None else self._plan.tick(time.perf_counter())

    # --- by hand ------------------------------------------------------------------------------------------------------

    def note_on(self, channel: int, pitch: int, velocity: int) -> None:
        """Sound a note until :meth:`note_off`."""
        self._engine.send("send", messages.note_on(int(channel), int(pitch), int(velocity)))

    def note_off(self, channel: int, pitch: int) -> None:
        """Let a note go."""
        self._engine.send("send", messages.note_off(int(channel), int(pitch)))

    def panic(self) -> None:
        """Silence everything on all channels, whatever is thought to sound."""
        self._engine.send("panic")

    # --- upkeep -------------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Hear what the engine says, and hand it what comes next. Call some ten times a second or more."""
        for frame in self._engine.receive():
            self._hear(*frame)
        if self._engine.ended:
            self._restart()
        if self._plan is not None and self._planned_until_s - time.perf_counter() < _TOP_UP_S:
            self._plan_ahead()

    def close(self) -> None:
        """Silence, and end the engine."""
        self._plan = None
        self._engine.close()

    def _begin(self, prepared: Plan, from_tick: float) -> None:
        plan = prepared.going_on(time.perf_counter() + _START_S, from_tick)
        self._engine.send("stop")
        self._engine.send("setup", tuple(plan.schedule.setup(plan.from_s)))
        self._plan, self._planned_until_s = plan, plan.began_s
        self._plan_ahead()

    def _plan_ahead(self) -> None:
        if self._plan is None:
            return
        now = time.perf_counter()
        start = self._planned_until_s
        if start < now:  # the window stood still for longer than was planned: what is past stays silent, never a burst
            start = now + _EDIT_S
        until = max(now, start) + _AHEAD_S
        self._engine.send("events", tuple(self._plan.events(start, until)))
        self._planned_until_s = until

    def _hear(self, what: str, *news: Any) -> None:
        if what == "priority":
            self._status = replace(self._status, priority=news[0])
        elif what == "ports":
            name, problem, names, list_problem, lateness = news
            median, late, latest = lateness or (None, None, None)
            self._ports = PortList(tuple(names), list_problem)
            self._status = replace(
                self._status,
                port=name,
                problem=problem or (list_problem if not names else ""),
                lateness_p99_ms=late,
                lateness_p50_ms=median,
                lateness_max_ms=latest,
            )

    def _restart(self) -> None:
        """The engine died: start another, once, end what the dead one left sounding, go on where the playhead is."""
        if not self._restarts_left:
            self._status = replace(
                self._status, port="", problem="The playback engine stopped working; save your work and restart MuseGen."
            )
            return
        self._restarts_left -= 1
        self._engine.close()
        self._engine = EngineProcess()
        if self._wanted_port:
            self._engine.send("port", self._wanted_port)
        self._engine.send("panic", self._plan.sounding(time.perf_counter()) if self._plan else ())
        if self._plan is not None:
            self.seek(int(self.position_tick()))
