"""As much priority as the system gives: real-time, else high, else normal. The level reached is told.

The ladder: Linux SCHED_RR, by our own right or through RealtimeKit, which desktops run for their users; macOS the
time-constraint policy of audio threads; Windows the high process class and a time-critical thread; then nice; then plain.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Level:
    """A level of priority in words, and how long before a deadline waiting turns into asking the clock."""

    name: str
    spin_s: float


REALTIME: Final = Level("Real-time priority", 0.0002)  # about what waking takes, so that even that is not heard
HIGH: Final = Level("High priority", 0.001)
NORMAL: Final = Level("Normal priority", 0.001)

_TIMER_SLACK: Final = 29  # PR_SET_TIMERSLACK of linux/prctl.h
_RT_LEVEL: Final = 20
_RTKIT: Final = ("org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1", "org.freedesktop.RealtimeKit1")
_RTKIT_CPU_US: Final = 200_000  # the most that RealtimeKit lets a thread run in one go
_RTKIT_PATIENCE_S: Final = 1.0
_HIGH_CLASS: Final = 0x80
_TIME_CRITICAL: Final = 15
_TIME_CONSTRAINT: Final = 2  # THREAD_TIME_CONSTRAINT_POLICY of mach/thread_policy.h
_PERIOD_S, _COMPUTATION_S, _CONSTRAINT_S = 0.005, 0.0005, 0.001


def raise_priority(*, plain: bool = False) -> Level:
    """Raise the calling thread's process as far as it goes, and turn the garbage collector off.

    ``plain`` asks for nothing that needs a permission.
    """
    gc.collect()
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):
        _wake_sharply()
    for rung, level in () if plain else _rungs():
        with contextlib.suppress(OSError, AttributeError, ValueError, subprocess.SubprocessError):
            if rung():
                return level
    return NORMAL


def _rungs() -> tuple[tuple[Callable[[], bool], Level], ...]:
    if sys.platform == "win32":
        return ((_windows, HIGH),)
    if sys.platform == "darwin":
        return (_time_constraint, REALTIME), (_nice, HIGH)
    return (_round_robin, REALTIME), (_rtkit, REALTIME), (_nice, HIGH)


def _wake_sharply() -> None:
    """What Linux grants to everybody: timers that do not wait to be bundled."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_TIMER_SLACK, 1000, 0, 0, 0)


def _round_robin() -> bool:
    os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_RT_LEVEL))
    return True


def _rtkit() -> bool:
    """Ask RealtimeKit over D-Bus by systemd's own tool, which is where RealtimeKit is."""
    import resource

    busctl = shutil.which("busctl")
    if busctl is None:
        return False
    resource.setrlimit(resource.RLIMIT_RTTIME, (_RTKIT_CPU_US, _RTKIT_CPU_US))
    os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    process = str(os.getpid())
    command = [busctl, "--system", "call", *_RTKIT, "MakeThreadRealtimeWithPID", "ttu", process, process, str(_RT_LEVEL)]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_RTKIT_PATIENCE_S, check=False)
    return done.returncode == 0


def _nice() -> bool:
    os.nice(-10)
    return True


def _windows() -> bool:
    windll = getattr(ctypes, "windll")  # noqa: B009  absent elsewhere
    windll.winmm.timeBeginPeriod(1)
    kernel = windll.kernel32
    kernel.GetCurrentProcess.restype = kernel.GetCurrentThread.restype = ctypes.c_void_p
    reached = kernel.SetPriorityClass(ctypes.c_void_p(kernel.GetCurrentProcess()), _HIGH_CLASS)
    kernel.SetThreadPriority(ctypes.c_void_p(kernel.GetCurrentThread()), _TIME_CRITICAL)
    return bool(reached)


def _time_constraint() -> bool:
    """What Core Audio gives its threads; the numbers are in the machine's own units of time."""
    libc = ctypes.CDLL(None)
    ratio = (ctypes.c_uint32 * 2)()
    libc.mach_timebase_info(ratio)
    units_a_second = 1e9 * ratio[1] / ratio[0]
    times = (round(part * units_a_second) for part in (_PERIOD_S, _COMPUTATION_S, _CONSTRAINT_S))
    policy = (ctypes.c_uint32 * 4)(*times, 1)
    return bool(libc.thread_policy_set(libc.mach_thread_self(), _TIME_CONSTRAINT, policy, 4) == 0)
