"""The player, as the window and the terminal use it: commands that return at once, a position that is always known."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

from musegen_app.midi_io import messages
from musegen_app.midi_io.devices import NO_SYSTEM, PortList
from musegen_app.midi_io.virtual_port import VIRTUAL_HINT, virtual_name
from musegen_app.playback.clock import EARLY_S, ClockTrain
from musegen_app.playback.metronome import MAIN_DRUMS, Click
from musegen_app.playback.plan import Plan
from musegen_app.playback.process import EngineProcess
from musegen_app.playback.schedule import Schedule, Setting
from musegen_app.score import Score

_AHEAD_S: Final = 2.0
_TOP_UP_S: Final = 1.0
_START_S: Final = 0.03  # from the command to the first event: the way to the engine
_EDIT_S: Final = 0.015
_HERE_S: Final = 0.01
_RESTARTS: Final = 1

STOPPED_WORKING: Final = "The playback engine stopped working; save your work and restart MuseGen."


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """The open port ("" for none), a sentence where something is wrong, the engine's priority in words, its lateness.

    Lateness is that of the last some thousand events, None before the first.
    """

    port: str = ""
    problem: str = ""
    priority: str = ""
    lateness_p99_ms: float | None = None
    lateness_p50_ms: float | None = None
    lateness_max_ms: float | None = None


class Player:
    """Plays a score through the engine. All calls belong to one thread and return at once; call :meth:`poll` often.

    The position is computed from the clock that this process and the engine share, so it needs no answer. ``synth`` is the
    command that starts FluidSynth, which is then listed as one port more; where it is (), ``synth_hint`` says how to get it.
    """

    def __init__(self, synth: tuple[str, ...] = (), synth_hint: str = "", engine_arguments: tuple[str, ...] = ()) -> None:
        self._engine_arguments = engine_arguments
        self._engine = EngineProcess(engine_arguments)
        self._synth, self._synth_hint = synth, synth_hint
        self._offer_synth()
        self._engine_ready = False
        self._restarts_left = _RESTARTS
        self._plan: Plan | None = None
        self._plan_before: Plan | None = None  # holds until the plan begins
        self._planned_until_s = 0.0
        self._stopped_tick = 0.0
        self._wanted_port = ""
        self._held_ports: tuple[str, ...] = ()
        self._click = MAIN_DRUMS
        self._clock_ports: tuple[str, ...] = ()
        self._clock: ClockTrain | None = None  # while it plays and a port is to get it
        self._status = PlayerStatus()
        self._ports = PortList()
        self._lateness_s: tuple[float, ...] = ()
        self._closed = False

    # --- ports --------------------------------------------------------------------------------------------------------

    def ports(self) -> PortList:
        """The output ports as of about a second ago."""
        self.poll()
        return self._ports

    def open_port(self, name: str) -> None:
        """Play through this port from now on, "" for none. :meth:`status` tells when it is open, or why not."""
        self._wanted_port = name
        self._engine.send("port", name)

    def send_clock(self, ports: tuple[str, ...]) -> None:
        """Send MIDI clock to these ports while it plays, "" for the main one; () for none."""
        self._clock_ports = ports
        self._engine.send("clock_ports", ports)
        self._begin_clock()

    def status(self) -> PlayerStatus:
        """How things stand."""
        return self._status

    # --- transport ----------------------------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether the playhead runs."""
        return self._plan is not None

    @property
    def is_counting_in(self) -> bool:
        """Whether it plays, and the playhead still waits for the counting to end."""
        plan = self._plan
        return plan is not None and plan.count_in_bars > 0 and time.perf_counter() < plan.began_s

    def play(
        self,
        score: Score,
        from_tick: int,
        loop: tuple[int, int] | None = None,
        *,
        metronome: bool = False,
        count_in_bars: int = 0,
        began_s: float | None = None,
    ) -> None:
        """Play from a tick on, for ever: the caller decides where to stop. Before that, count so many bars in.

        With ``began_s``, a time of :func:`time.perf_counter` of just now or soon, the playhead is at the tick then: another
        has set off, and what is due since is played at once.

        Playing already, and asked to play from where the playhead is, it goes on without a gap (and without counting) by
        the new score, loop and metronome.
        """
        self._hold_ports(score)
        if began_s is None and self._plan is not None and self._is_here(self._plan, from_tick):
            self._change(self._plan, score, loop, metronome=metronome)
        elif began_s is not None:
            if self._plan is not None:  # else nothing sounds but what is played by hand, which may be what sets off
                self._engine.send("stop")
            self._begin(Plan(score, began_s, from_tick, loop, metronome, self._click, strikes_held=True))
        else:
            self._engine.send("stop")
            soon = time.perf_counter() + _START_S
            plan = Plan(score, soon, from_tick, loop, metronome, self._click, count_in_bars, strikes_held=True)
            self._begin(_later(plan, plan.began_s - plan.counts_from_s))

    def set_click(self, click: Click) -> None:
        """Where metronome and counting are heard from now on."""
        self._click = click
        if self._plan is not None:
            self.update(self._plan.score)

    def update(self, score: Score) -> None:
        """Another score takes over 15 ms from now, at the same tick; what sounds in both goes on sounding.

        While nothing plays, channels are set as at the playhead, so that what is auditioned sounds in its track's voice.
        """
        self._hold_ports(score)
        if self._plan is not None:
            self._change(self._plan, score, self._plan.loop, metronome=self._plan.metronome)
        else:
            second = score.timeline.played_second_at(self._stopped_tick)
            self._engine.send("setup", tuple(Schedule.of(score).setup(second)))

    def stop(self) -> None:
        """Stop here; every note gets its off."""
        self._stopped_tick = self.position_tick()
        self._plan = self._plan_before = self._clock = None
        self._engine.send("stop")

    def seek(self, tick: int) -> None:
        """Go elsewhere, playing on if it played."""
        if self._plan is None:
            self._stopped_tick = float(tick)
        else:
            plan, bars = self._plan, self._plan.count_in_bars if self.is_counting_in else 0
            self.play(plan.score, tick, plan.loop, metronome=plan.metronome, count_in_bars=bars)

    def position_tick(self) -> float:
        """Where the playhead is now."""
        return self.tick_at(time.perf_counter())

    def tick_at(self, clock_s: float) -> float:
        """Where the playhead is at a time of :func:`time.perf_counter` near to now."""
        plan = self._plan_at(clock_s)
        return self._stopped_tick if plan is None else plan.tick(clock_s)

    # --- by hand ------------------------------------------------------------------------------------------------------

    def note_on(self, channel: int, pitch: int, velocity: int, port: str = "") -> None:
        """Sound a note until :meth:`note_off`, on the main port or on one that a track of the score has for itself."""
        self._engine.send("send", messages.note_on(int(channel), int(pitch), int(velocity)), port)

    def note_off(self, channel: int, pitch: int, port: str = "") -> None:
        """Let a note go."""
        self._engine.send("send", messages.note_off(int(channel), int(pitch)), port)

    def send(self, message: messages.Message, port: str = "") -> None:
        """Sound at once what is played by hand: notes, pedals, wheels. Any thread; the engine lets go of what hangs."""
        self._engine.send("send", message, port)

    def panic(self) -> None:
        """Silence everything on all channels, whatever is thought to sound."""
        self._engine.send("panic")

    # --- upkeep -------------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Hear what the engine says, and hand it what comes next. Call some ten times a second or more."""
        if self._closed:
            return
        for frame in self._engine.receive():
            self._hear(*frame)
        if self._engine.ended:
            self._restart()
        if self._plan is not None and self._engine_ready:
            self._plan_ahead(self._plan)

    def close(self) -> None:
        """Silence, and end the engine; afterwards all calls do nothing."""
        self._stopped_tick = self.position_tick()
        self._plan = self._plan_before = None
        self._closed = True
        self._engine.close()

    # --- measuring ----------------------------------------------------------------------------------------------------

    def keep_lateness(self, events: int) -> None:
        """Begin to keep the lateness of so many events, for :meth:`ask_lateness`."""
        self._lateness_s = ()
        self._engine.send("keep", events)

    def ask_lateness(self) -> None:
        """Have :attr:`lateness_s` filled; :meth:`poll` hears the answer."""
        self._engine.send("lateness")

    @property
    def lateness_s(self) -> tuple[float, ...]:
        """Seconds by which each event was late, once asked for."""
        return self._lateness_s

    # --- planning -----------------------------------------------------------------------------------------------------

    def _plan_at(self, now: float) -> Plan | None:
        """The plan in force: the one before as long as the new one has not begun."""
        if self._plan is not None and self._plan_before is not None and now < self._plan.began_s:
            return self._plan_before
        return self._plan

    def _is_here(self, plan: Plan, tick: float) -> bool:
        """Whether the playhead has just come to ``tick``, other than by beginning there, or is counted in there."""
        if self.is_counting_in:
            return tick == plan.from_tick
        now = time.perf_counter()
        heard = self._plan_at(now) or plan
        return tick != plan.from_tick and abs(heard.score.timeline.played_second_at(tick) - heard.song_s(now)) < _HERE_S

    def _begin(self, plan: Plan) -> None:
        self._plan, self._plan_before = plan, None
        self._clock = ClockTrain(plan, plan.began_s) if self._clock_ports else None
        self._planned_until_s = plan.counts_from_s
        if self._engine_ready:
            self._engine.send("begin")
            self._engine.send("setup", tuple(plan.setup(plan.began_s)))
            self._plan_ahead(plan)

    def _change(self, before: Plan, score: Score, loop: tuple[int, int] | None, *, metronome: bool) -> None:
        """Go on by another plan from some milliseconds on."""
        now = time.perf_counter()
        turn = max(now + _EDIT_S, before.counts_from_s)
        if turn > before.began_s:
            plan = Plan(score, turn, before.tick(turn), loop, metronome, self._click)
        else:
            plan = replace(before, score=score, loop=loop, metronome=metronome, click=self._click)
        settings = plan.setup(turn)
        self._plan_before = self._plan_at(now)
        self._plan = plan
        if self._clock is not None:
            self._clock.change(plan, turn)
        self._replace(plan, turn, [] if settings == before.setup(turn) else settings)

    def _replace(self, plan: Plan, turn: float, settings: list[Setting]) -> None:
        """From the clock time ``turn`` on the engine plays this plan, whatever it was given before."""
        if not self._engine_ready:
            return
        until = turn + _AHEAD_S
        set_first = [(turn, *setting) for setting in settings]
        self._engine.send("replace", turn, plan.sounding(turn), (*set_first, *plan.events(turn, until)))
        self._planned_until_s = until
        self._plan_clock(plan, turn, until)

    def _plan_ahead(self, plan: Plan) -> None:
        now, start = time.perf_counter(), self._planned_until_s
        if start - now >= _TOP_UP_S:
            return
        if start < now and start > plan.counts_from_s:
            # The caller stood still for longer than was planned: what is past stays silent, never a burst, and what ended
            # meanwhile ends now.
            self._replace(plan, now + _EDIT_S, plan.setup(now + _EDIT_S))
            return
        until = max(now, start) + _AHEAD_S
        self._engine.send("events", tuple(plan.events(start, until)))
        self._planned_until_s = until
        self._plan_clock(plan, start if start > plan.began_s else start - EARLY_S, until)

    def _begin_clock(self) -> None:
        """Receivers of the clock join in on the way."""
        plan, now = self._plan, time.perf_counter()
        self._clock = None
        if plan is not None and self._clock_ports and self._engine_ready:
            begins = max(now + _EDIT_S, plan.began_s)
            self._clock = ClockTrain(plan, begins)
            self._plan_clock(plan, begins - EARLY_S, self._planned_until_s)

    def _plan_clock(self, plan: Plan, start_s: float, end_s: float) -> None:
        if self._clock is not None:
            self._engine.send("clock", start_s, tuple(self._clock.due(plan, start_s, end_s)))

    # --- the engine ---------------------------------------------------------------------------------------------------

    def _hear(self, what: str, *news: Any) -> None:
        if what == "clock":
            self._begin_clock()
        elif what == "lateness":
            (self._lateness_s,) = news
        elif what == "priority":
            self._status = replace(self._status, priority=news[0])
            self._welcome()
        elif what == "ports":
            name, problem, names, list_problem, lateness = news
            virtual = virtual_name() if list_problem != NO_SYSTEM else ""
            self._ports = PortList(tuple(names), list_problem, self._synth_hint, virtual, VIRTUAL_HINT)
            p50, p99, highest = lateness or (None, None, None)
            self._status = PlayerStatus(
                name, problem or (list_problem if not names else ""), self._status.priority, p99, p50, highest
            )

    def _welcome(self) -> None:
        """The engine has started; what was to be played while it did is played now, from its beginning if none was heard."""
        self._engine_ready = True
        plan, now = self._plan, time.perf_counter()
        if plan is None:
            return
        if self._planned_until_s <= plan.counts_from_s:
            self._begin(_later(plan, max(now + _START_S - plan.counts_from_s, 0.0)))
        else:
            self._replace(plan, now + _EDIT_S, plan.setup(now + _EDIT_S))
            self._begin_clock()

    def _restart(self) -> None:
        """The engine died: start another, once, end what the dead one left sounding, go on where the playhead is."""
        self._engine_ready = False
        if not self._restarts_left:
            self._status = replace(self._status, port="", problem=STOPPED_WORKING)
            return
        self._restarts_left -= 1
        self._engine.close()
        self._engine = EngineProcess(self._engine_arguments)
        self._offer_synth()
        if self._wanted_port:
            self._engine.send("port", self._wanted_port)
        self._engine.send("hold", self._held_ports)
        self._engine.send("clock_ports", self._clock_ports)
        now = time.perf_counter()
        plan = self._plan_at(now)
        self._engine.send("panic", plan.sounding(now) if plan else ())

    def _offer_synth(self) -> None:
        if self._synth:
            self._engine.send("synth", self._synth)

    def _hold_ports(self, score: Score) -> None:
        """Have the ports open that tracks and metronome have for themselves, of silent tracks, too."""
        names = tuple(sorted({self._click.port, *(track.port for track in score.tracks)} - {""}))
        if names != self._held_ports:
            self._held_ports = names
            self._engine.send("hold", names)


def _later(plan: Plan, seconds: float) -> Plan:
    """The same plan, beginning so much later."""
    return replace(plan, began_s=plan.began_s + seconds)
