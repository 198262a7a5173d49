"""Which MIDI system this machine has, and its output ports.

ALSA's sequencer is asked only where its device exists, then JACK, which must not start a server of its own. Both libraries
print to stderr when they are not there, so stderr is turned away while they are asked.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import rtmidi

PROGRAM: Final = "MuseGen"
"""The name under which other programs see us."""
PORT_ERRORS: Final = (rtmidi.SystemError, rtmidi.RtMidiError, OSError)
"""What rtmidi raises when a port or the whole system is not there or does not want to."""

_WAITING: Final = 4096  # messages: a clock of more than a minute, should nobody fetch them
_ALSA_DEVICE: Final = Path("/dev/snd/seq")
_ALSA_NUMBERS: Final = re.compile(r" \d+:\d+$")

NO_SYSTEM: Final = (
    "No MIDI system was found (neither ALSA nor a JACK server); playing is silent."
    if sys.platform.startswith("linux")
    else "The system's MIDI services do not answer; playing is silent."
)
NO_PORTS: Final = "No MIDI port is there yet: connect an instrument or start a synthesiser."


@dataclass(frozen=True, slots=True)
class PortList:
    """Names of the output ports, each once; where there are none, ``problem`` says why in a sentence.

    ``hint`` says how one gets a synthesiser where FluidSynth is not there to be listed. ``virtual`` is the name of our own
    port, which others see, "" where there can be none; then ``virtual_hint`` may say what takes its place.
    """

    names: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    virtual: str = ""
    virtual_hint: str = ""


def output_ports() -> PortList:
    """The output ports there are now. Opens the MIDI system for the moment; may take some hundredths of a second."""
    output = open_output()
    if output is None:
        return PortList((), NO_SYSTEM)
    try:
        return without_own(listed(output))
    finally:
        output.delete()


def open_output(client: str = f"{PROGRAM} player") -> rtmidi.MidiOut | None:
    """A client of the machine's MIDI system of this name, no port opened yet; None where there is no system."""
    return _joined(rtmidi.MidiOut, client)


def open_input(client: str = f"{PROGRAM} listener") -> rtmidi.MidiIn | None:
    """The same for listening. Nothing is filtered: what the library leaves out is missing in the times it tells."""
    found = _joined(_roomy_input, client)
    if found is not None:
        found.ignore_types(sysex=False, timing=False, active_sense=False)
    return found


def _roomy_input(api: int, name: str) -> rtmidi.MidiIn:
    return rtmidi.MidiIn(api, name=name, queue_size_limit=_WAITING)


def _joined(kind: Any, client: str) -> Any:
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    for api in _apis():
        with _quiet_stderr():
            try:
                return kind(api, name=client)
            except PORT_ERRORS:
                continue
    return None


def listed(client: rtmidi.MidiOut | rtmidi.MidiIn) -> PortList:
    """The ports that ``client`` can be joined to, in the system's order, under names that stay the same day by day."""
    names = unique_names(stable_names(client.get_ports(), client.get_current_api()))
    return PortList(names, "" if names else NO_PORTS)


def without_own(ports: PortList) -> PortList:
    """The list without this program's ports: playing into them, or listening to them, would go round in a circle."""
    names = tuple(name for name in ports.names if not _is_own(name))
    return replace(ports, names=names, problem=ports.problem or ("" if names else NO_PORTS))


def _is_own(name: str) -> bool:
    if sys.platform == "win32":
        return False  # there it is a loopback that the musician has called so
    return name == PROGRAM or name.startswith((f"{PROGRAM}:", f"{PROGRAM} ", f"{PROGRAM}-"))


def stable_names(names: list[str], api: int) -> list[str]:
    """The names without the numbers that ALSA and Windows give out anew whenever something is plugged in."""
    if api == rtmidi.API_LINUX_ALSA:
        return [_ALSA_NUMBERS.sub("", name) for name in names]
    if api == rtmidi.API_WINDOWS_MM:
        return [name.removesuffix(f" {index}") for index, name in enumerate(names)]
    return names


def unique_names(names: list[str]) -> tuple[str, ...]:
    """The names in their order; the second of the same name gets " 2" and so on."""
    made: list[str] = []
    for name in names:
        again = (f"{name} {number}" for number in itertools.count(2))
        made.append(name if name not in made else next(other for other in again if other not in made and other not in names))
    return tuple(made)


def _apis() -> list[int]:
    if not sys.platform.startswith("linux"):
        return [rtmidi.API_UNSPECIFIED]
    compiled = rtmidi.get_compiled_api()
    wanted = [rtmidi.API_LINUX_ALSA] if _ALSA_DEVICE.exists() else []
    return [api for api in (*wanted, rtmidi.API_UNIX_JACK) if api in compiled]


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """C libraries write to file descriptor 2 whatever Python does with ``sys.stderr``; turn it away for the moment."""
    try:
        kept = os.dup(2)
    except OSError:  # a windowed program may have no stderr at all
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
