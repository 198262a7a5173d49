"""FluidSynth as an output: a child process that is told, line by line, what to sound."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import replace
from typing import IO, Final, cast

from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Message

SYNTH_NAME: Final = "FluidSynth"
"""The name of the port."""

_LEAVE_S: Final = 1.0


def with_synth(ports: PortList, *, is_there: bool, hint: str = "") -> PortList:
    """The list with FluidSynth as its last, or with a hint on how to get it."""
    return PortList((*ports.names, SYNTH_NAME), "", "") if is_there else replace(ports, hint=hint)


def line_of(message: Message) -> str:
    """A MIDI message as a line of FluidSynth's shell, "" for what it has no word for.

    Channel and programme numbers count from 0 there, as here.
    """
    kind, channel, data = message[0] & 0xF0, message[0] & 0x0F, message[1:]
    if kind == NOTE_OFF or (kind == NOTE_ON and data[1] == 0):
        return f"noteoff {channel} {data[0]}\n"
    if kind == NOTE_ON:
        return f"noteon {channel} {data[0]} {data[1]}\n"
    if kind == CONTROL:
        return f"cc {channel} {data[0]} {data[1]}\n"
    if kind == PROGRAM:
        return f"prog {channel} {data[0]}\n"
    if kind == BEND:
        return f"pitch_bend {channel} {data[0] | data[1] << 7}\n"
    return ""


class SynthPort:
    """Starts FluidSynth with ``command`` and plays through it. Belongs to one thread; nothing here raises or waits long.

    When this process goes, however it goes, FluidSynth's input ends and it falls silent.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> bool:
        """Start it; whether that could be done. It needs a moment to read its sounds, and may then find no audio device."""
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return False
        with contextlib.suppress(AttributeError, OSError):  # Windows' pipes always block; FluidSynth empties them at once
            os.set_blocking(cast("IO[bytes]", process.stdin).fileno(), False)
        self._process = process
        return True

    @property
    def name(self) -> str:
        """Its name once it was started, until it is closed."""
        return SYNTH_NAME if self._process is not None else ""

    @property
    def problem(self) -> str:
        """None that it could tell of."""
        return ""

    def look(self) -> bool:
        """It does not come back by itself."""
        return False

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def send(self, message: Message) -> None:
        """Sound it now. What a synthesiser that hangs does not take is dropped."""
        if self._process is not None and (line := line_of(message)):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", self._process.stdin).write(line.encode())

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            cast("IO[bytes]", process.stdin).close()
        try:
            process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
