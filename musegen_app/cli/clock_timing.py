"""How even our MIDI clock arrives at another port, beside that of a thread that sleeps from pulse to pulse."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from musegen_app.errors import PortError
from musegen_app.playback.lateness import summary_ms
from musegen_app.score import Score, Tempo, Timeline

if TYPE_CHECKING:
    from musegen_app.midi_io.virtual_port import VirtualInput
    from musegen_app.playback.client import Player

KEYS: Final = (
    "clock_jitter_p50_ms",
    "clock_jitter_p99_ms",
    "clock_jitter_max_ms",
    "clock_drift_ms",
    "clock_thread_p99_ms",
    "clock_thread_drift_ms",
    "clock_followed_percent",
)
BPM: Final = 125.0
_PULSE_S: Final = 60 / BPM / 24
PULSES: Final = 1500
_PATIENCE_S: Final = 10.0
_POLL_S: Final = 0.003  # no part of the pulses' own pace: their times are tied to our clock by the one fetched soonest
_WARM_UP: Final = 100  # pulses, until they are


def measure_clock(_model: str, pulses: int = PULSES) -> Mapping[str, float]:
    """All of :data:`KEYS`. Jitter is by how much intervals differ from the one they should be, drift that of the last pulse.

    Takes two times ``pulses`` at 50 a second.

    Raises:
        PortError: there is no MIDI system, or it has no virtual ports.
    """
    with _ear() as (ear, port):
        ours = _sent_by_player(ear, port, pulses)
        threads = _sent_by_sleeping(ear, port, pulses)
    jitter = summary_ms(_jitter_s(ours))
    found = (*jitter, _drift_ms(ours), summary_ms(_jitter_s(threads))[1], _drift_ms(threads), _followed_percent(ours))
    return dict(zip(KEYS, found, strict=True))


@contextmanager
def _ear() -> Iterator[tuple[VirtualInput, str]]:
    """An input of our own, and the name under which it is there to be sent to."""
    from musegen_app.midi_io.ports import OutputPort
    from musegen_app.midi_io.virtual_port import VIRTUAL_HINT, VirtualInput, virtual_name

    if not virtual_name():
        raise PortError(VIRTUAL_HINT)
    with closing(OutputPort()) as looking, closing(VirtualInput()) as ear:
        looking.look()
        before = looking.list.names
        if not ear.look():
            raise PortError(ear.problem)
        looking.look()
        yield ear, next(name for name in looking.list.names if name not in before)


def _sent_by_player(ear: VirtualInput, port: str, pulses: int) -> list[float]:
    from musegen_app.playback.client import Player

    with closing(Player()) as player:
        player.send_clock((port,))
        _wait_until_open(player)
        player.play(Score((), Timeline((Tempo.of_bpm(BPM),))), 0)
        arrived: list[float] = []
        last_try = time.monotonic() + (_WARM_UP + pulses) * _PULSE_S + _PATIENCE_S
        while len(arrived) < _WARM_UP + pulses and time.monotonic() < last_try:
            time.sleep(_POLL_S)
            player.poll()
            arrived += _pulses(ear)
    if len(arrived) < _WARM_UP + pulses:
        raise PortError(f"Only {len(arrived)} of {_WARM_UP + pulses} pulses of the clock arrived at {port}.", port)
    time.sleep(0.1)
    ear.receive()
    return arrived[_WARM_UP : _WARM_UP + pulses]


def _wait_until_open(player: Player) -> None:
    """The engine has started, looked at its ports and told of them."""
    last_try = time.monotonic() + _PATIENCE_S
    while not player.status().priority and time.monotonic() < last_try:
        time.sleep(_POLL_S)
        player.poll()
    time.sleep(0.5)
    player.poll()


def _sent_by_sleeping(ear: VirtualInput, port: str, pulses: int) -> list[float]:
    """What a first try looks like: send, sleep, send."""
    from musegen_app.midi_io.messages import CLOCK
    from musegen_app.midi_io.ports import OutputPort

    arrived: list[float] = []
    with closing(OutputPort(port)) as output:
        output.look()
        for _ in range(pulses):
            output.send((CLOCK,))
            time.sleep(_PULSE_S)
            arrived += _pulses(ear)
    return arrived + _pulses(ear)


def _pulses(ear: VirtualInput) -> list[float]:
    from musegen_app.midi_io.messages import CLOCK

    return [at_s for at_s, message in ear.receive() if message == (CLOCK,)]


def _jitter_s(arrived: list[float]) -> list[float]:
    return [abs(after - before - _PULSE_S) for before, after in itertools.pairwise(arrived)]


def _drift_ms(arrived: list[float]) -> float:
    """How much too late the last pulses are for the first, each the mean of a quarter of a beat."""
    away = [at_s - number * _PULSE_S for number, at_s in enumerate(arrived)]
    return 1000 * (sum(away[-6:]) - sum(away[:6])) / 6


def _followed_percent(arrived: list[float]) -> float:
    """By how much our own follower misjudges the tempo after two beats of it."""
    from musegen_app.midi_io.messages import CLOCK
    from musegen_app.playback.clock_follow import LOCKED_PULSES, ClockFollower

    follower = ClockFollower()
    for at_s in arrived[: LOCKED_PULSES + 1]:
        follower.hear((CLOCK,), at_s)
    return 100 * abs((follower.tempo_bpm or 0.0) / BPM - 1)
