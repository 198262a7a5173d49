"""What is played by hand is heard at once, on the channel and port of the track that is being played.

A note is let go where it was struck, whatever track is chosen meanwhile; pedals and wheels left where they are come to rest
when the hands go elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from musegen_app.midi_io.messages import BEND, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, SUSTAIN, Message, bend, control, note_off

Place = tuple[int, str]
"""Channel and port ("" is the main one)."""

_MODULATION: Final = 1
_BEND_CENTRE: Final = 8192
_BANK: Final = (0, 32)
_RESTING: Final = {SUSTAIN, 66, 67, _MODULATION}
_ALL_SOUND_OFF: Final = 120


class Thru:
    """Hands messages on to ``send`` (message, port), which may be called from any thread, as this may."""

    def __init__(self, send: Callable[[Message, str], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._place: Place = (0, "")
        self._held: dict[tuple[str, int], Place] = {}
        self._moved: dict[tuple[str, int, int], Place] = {}  # source, kind and number of what is not at rest

    def aim(self, channel: int, port: str) -> None:
        """Play there from now on."""
        with self._lock:
            if (channel, port) != self._place:
                self._rest(None)
                self._place = (channel, port)

    def play(self, message: Message, source: str = "") -> None:
        """Sound it now. ``source`` tells keyboards apart: each lets go of its own notes."""
        kind = message[0] & 0xF0
        with self._lock:
            if kind in (NOTE_ON, NOTE_OFF):
                self._strike(kind, message, source)
            elif kind == PROGRAM or (kind == CONTROL and (message[1] in _BANK or message[1] >= _ALL_SOUND_OFF)):
                return  # the sound is the track's, and silence is ours to make
            else:
                self._set(kind, message, source)

    def release(self, source: str | None = None) -> None:
        """Let go of everything that this keyboard holds, or all do: its notes, pedals and wheels."""
        with self._lock:
            for key in [key for key in self._held if source in (None, key[0])]:
                self._let_go(key)
            self._rest(source)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _strike(self, kind: int, message: Message, source: str) -> None:
        key = (source, message[1])
        self._let_go(key)
        if kind == NOTE_ON and message[2] > 0:
            channel, port = self._held[key] = self._place
            self._send((NOTE_ON | channel, message[1], message[2]), port)

    def _let_go(self, key: tuple[str, int]) -> None:
        place = self._held.pop(key, None)
        if place is not None and not any(key[1] == pitch and at == place for (_, pitch), at in self._held.items()):
            self._send(note_off(place[0], key[1]), place[1])

    def _set(self, kind: int, message: Message, source: str) -> None:
        channel, port = self._place
        slot = (source, kind, message[1] if kind == CONTROL else -1)
        if kind == BEND or slot[2] in _RESTING:
            at_rest = message[1:] == bend(0, _BEND_CENTRE)[1:] if kind == BEND else message[2] == 0
            if at_rest:
                self._moved.pop(slot, None)
            else:
                self._moved[slot] = self._place
        self._send((kind | channel, *message[1:]), port)

    def _rest(self, source: str | None) -> None:
        for slot in [slot for slot in self._moved if source in (None, slot[0])]:
            channel, port = self._moved.pop(slot)
            at_rest = bend(channel, _BEND_CENTRE) if slot[1] == BEND else control(channel, slot[2], 0)
            self._send(at_rest, port)
