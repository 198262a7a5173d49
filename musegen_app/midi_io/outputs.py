"""The system's ports and FluidSynth as one list, of which one is played through."""

from __future__ import annotations

import time
from typing import Final

from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.ports import OutputPort
from musegen_app.midi_io.synth_port import SYNTH_NAME, SynthPort, with_synth

NO_AUDIO: Final = "FluidSynth finds no audio device here; choose another port."
LOST: Final = "FluidSynth stopped; playing goes on silently until it is chosen again."
_TRIAL_S: Final = 5.0  # what ends sooner has never played


class Outputs:
    """Like :class:`musegen_app.midi_io.ports.OutputPort`, with FluidSynth as one port more once it was offered."""

    def __init__(self) -> None:
        self._system = OutputPort()
        self._command: tuple[str, ...] = ()
        self._synth: SynthPort | None = None
        self._began_s = 0.0
        self._problem = ""

    def offer(self, command: tuple[str, ...]) -> None:
        """List FluidSynth, which ``command`` starts."""
        self._command = command

    @property
    def name(self) -> str:
        """The port that is open, "" for none."""
        return SYNTH_NAME if self._synth is not None else self._system.name

    @property
    def problem(self) -> str:
        """A sentence while the wanted port is not there."""
        return self._problem or self._system.problem

    @property
    def list(self) -> PortList:
        """The ports that the last look saw."""
        return with_synth(self._system.list, is_there=bool(self._command))

    def look(self) -> bool:
        """See what has come and gone; whether a port was opened."""
        if self._synth is not None:
            self._watch(self._synth)
        return self._system.look()

    def _watch(self, synth: SynthPort) -> None:
        if synth.is_alive:
            return
        synth.close()
        self._synth, self._problem = None, LOST
        if time.monotonic() - self._began_s < _TRIAL_S:
            self._problem = NO_AUDIO
            self._command = ()  # it would not do better next time

    def choose(self, name: str) -> bool:
        """Play through the port of this name from now on, "" for none; whether it could be opened."""
        self._problem = ""
        if self._synth is not None:
            self._synth.close()
            self._synth = None
        if name != SYNTH_NAME or not self._command:
            return self._system.choose(name)
        self._system.choose("")
        synth = SynthPort(self._command)
        if not synth.open():
            self._problem = "FluidSynth cannot be started."
            return False
        self._synth, self._began_s = synth, time.monotonic()
        return True

    def send(self, message: Message) -> None:
        """Send now; without a port nothing happens."""
        if self._synth is not None:
            self._synth.send(message)
        else:
            self._system.send(message)

    def close(self) -> None:
        """Let everything go."""
        if self._synth is not None:
            self._synth.close()
            self._synth = None
        self._system.close()
