"""All ports that are played through: the main one, and those that tracks or the clock have for themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final, Protocol

from musegen_app.midi_io.devices import PortList, without_own
from musegen_app.midi_io.messages import Message
from musegen_app.midi_io.ports import OutputPort
from musegen_app.midi_io.synth_port import SYNTH_NAME, SynthPort, with_synth
from musegen_app.midi_io.virtual_port import VIRTUAL_NAME, VirtualPort

NO_AUDIO: Final = "FluidSynth finds no audio device here; choose another port."
NO_START: Final = "FluidSynth cannot be started."
LOST: Final = "FluidSynth stopped; playing goes on silently until it is chosen again."
_TRIAL_S: Final = 5.0  # what ends sooner has never played


class Port(Protocol):
    """A port by name that may come and go; nothing here raises."""

    @property
    def name(self) -> str:
        """Its name while it is open, else ""."""
        ...

    @property
    def problem(self) -> str:
        """A sentence while it is not there."""
        ...

    def look(self) -> bool:
        """See what has come and gone; whether it was opened."""
        ...

    def send(self, message: Message) -> None:
        """Send now; while it is not open nothing happens."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Outputs:
    """The open ports by name. Belongs to one thread; nothing here raises.

    To :meth:`send`, "" is the main port, which :meth:`choose` chooses, and a name is one of those that :meth:`hold` keeps
    open beside it, or the main one's. A port of the system that goes is taken up again when it returns.
    """

    def __init__(self) -> None:
        self._system = OutputPort()  # the main port where it is one of the system's, and the list of them
        self._main = ""
        self._held: frozenset[str] = frozenset()
        self._ports: dict[str, Port] = {}  # by name, all but the system's main port
        self._command: tuple[str, ...] = ()
        self._began_s = 0.0
        self._problem = ""  # FluidSynth's, which is not tried again by itself

    def offer(self, command: tuple[str, ...]) -> None:
        """List FluidSynth, which ``command`` starts."""
        self._command = command

    @property
    def name(self) -> str:
        """The main port while it is open, else ""."""
        return self._main_port.name

    @property
    def problem(self) -> str:
        """A sentence while a wanted port is not there, the main one first."""
        silent = (
            f"The MIDI port {name} is not there; what is sent to it stays unheard until it is."
            for name in sorted(self._held)
            if name != self._main and not self._is_open(name)
        )
        return self._problem or self._main_port.problem or next(silent, "")

    @property
    def list(self) -> PortList:
        """The ports that the last look saw; not our own, that others see."""
        return with_synth(without_own(self._system.list), is_there=bool(self._command))

    def look(self) -> tuple[str, ...]:
        """See what has come and gone; the ports that were opened, the main one under its name and under ""."""
        self._watch_synth()
        opened = [self._main] if self._system.look() else []
        opened += [name for name, port in self._ports.items() if port.look()]
        return (*opened, "") if self._main in opened else tuple(opened)

    def choose(self, name: str) -> bool:
        """Make this the main port, "" for none; whether it could be opened."""
        self._problem, self._main = "", name
        if name == SYNTH_NAME and (synth := self._ports.pop(name, None)) is not None:
            synth.close()  # chosen again, it starts again
        self._let_go()
        self._system.choose("" if _is_ours(name) and (name != SYNTH_NAME or self._command) else name)
        self._take_up()
        return bool(name) and self.name == name

    def hold(self, names: Iterable[str]) -> tuple[str, ...]:
        """Keep these open beside the main port, and no others; those that were opened now."""
        self._held = frozenset(names) - {""}
        self._let_go()
        return self._take_up()

    def send(self, message: Message, port: str = "") -> None:
        """Send now, through the main port or one of those held; while it is not there nothing happens."""
        name = port or self._main
        if name in self._ports:
            self._ports[name].send(message)
        elif name == self._main:
            self._system.send(message)

    def close(self) -> None:
        """Let everything go."""
        for port in self._ports.values():
            port.close()
        self._ports.clear()
        self._system.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    @property
    def _main_port(self) -> Port:
        return self._ports.get(self._main, self._system)

    def _is_open(self, name: str) -> bool:
        return name in self._ports and bool(self._ports[name].name)

    def _apart(self) -> set[str]:
        """What is wanted besides the system's main port."""
        return {name for name in {*self._held, self._main} if name and (name != self._main or _is_ours(name))}

    def _let_go(self) -> None:
        for name in self._ports.keys() - self._apart():
            self._ports.pop(name).close()

    def _take_up(self) -> tuple[str, ...]:
        opened = []
        for name in sorted(self._apart() - self._ports.keys()):
            if (port := self._made(name)) is not None:
                self._ports[name] = port
                opened += [name] if port.name or port.look() else []
        return tuple(opened)

    def _made(self, name: str) -> Port | None:
        if name == VIRTUAL_NAME:
            return VirtualPort()
        if name != SYNTH_NAME:
            return OutputPort(name)
        return self._synth() if self._command else None

    def _synth(self) -> Port | None:
        synth = SynthPort(self._command)
        if not synth.open():
            self._problem = NO_START
            return None
        self._began_s = time.monotonic()
        return synth

    def _watch_synth(self) -> None:
        """FluidSynth that ended is not started again: it would not do better."""
        synth = self._ports.get(SYNTH_NAME)
        if not isinstance(synth, SynthPort) or synth.is_alive:
            return
        self._ports.pop(SYNTH_NAME).close()
        self._held -= {SYNTH_NAME}
        if self._main == SYNTH_NAME:
            self._main = ""
        self._problem = LOST
        if time.monotonic() - self._began_s < _TRIAL_S:
            self._problem, self._command = NO_AUDIO, ()


def _is_ours(name: str) -> bool:
    """Whether it is none of the system's ports."""
    return name in (SYNTH_NAME, VIRTUAL_NAME)
