"""What the ports were made to do: the notes that sound, so that each can get its off, and how channels are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from musegen_app.midi_io import messages
from musegen_app.midi_io.messages import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Message

Key = tuple[str, int, int]
"""Port ("" is the main one), channel and pitch."""

_SYSTEM: Final = 0xF0
_BANK: Final = (0, 32)  # controllers that choose a bank, which holds from the next programme on


class Sounding:
    """Passes messages on to ``send`` (message, port) and remembers them. Not every synthesiser honours "all notes off"."""

    def __init__(self, send: Callable[[Message, str], None]) -> None:
        self._send = send
        self._notes: set[Key] = set()
        self._by_hand: set[Key] = set()
        self._channels: set[tuple[str, int]] = set()
        self._settings: dict[tuple[str, int, int], Message] = {}
        self._of_another_bank: set[tuple[str, int, int]] = set()  # programmes that were chosen before the bank changed

    def __len__(self) -> int:
        return len(self._notes)

    def __contains__(self, key: Key) -> bool:
        return key in self._notes

    def pass_on(self, message: Message, port: str = "") -> None:
        """Send a message; a pitch that sounds already is let go first, an off for a silent one is dropped."""
        kind = message[0] & 0xF0
        if kind == NOTE_ON and message[2] > 0:
            self._strike(message, port)
        elif kind in {NOTE_ON, NOTE_OFF}:
            self._release((port, message[0] & 0x0F, message[1]), message)
        elif kind == _SYSTEM:
            self._send(message, port)
        else:
            self._set(message, port)

    def audition(self, message: Message, port: str = "") -> None:
        """Send a message of the musician's own hand: the note outlives edits of what plays."""
        self.pass_on(message, port)
        key = (port, message[0] & 0x0F, message[1])
        if message[0] & 0xF0 == NOTE_ON and key in self._notes:
            self._by_hand.add(key)

    def keep_only(self, kept: Iterable[Key]) -> None:
        """Let go of every note that is neither in ``kept`` nor held by hand."""
        self._let_go(self._notes - self._by_hand.union(kept))

    def silence(self, port: str | None = None) -> None:
        """Let every note of a port, or of all, go by its own off, then the pedals."""
        self._let_go({key for key in self._notes if port in (None, key[0])})
        channels = {place for place in self._channels if port in (None, place[0])}
        for name, channel in sorted(channels):
            for message in messages.release(channel):
                self._set(message, name)
        self._channels -= channels

    def panic(self, ports: Iterable[str] = ("",), also: Iterable[Key] = ()) -> None:
        """Silence on every channel of these ports, whatever is in the table; ``also`` get offs though they are not in it."""
        ports = tuple(ports)
        for port, channel, pitch in set(also) - self._notes:
            self._send(messages.note_off(channel, pitch), port)
        for port in ports:
            self.silence(port)
            for message in messages.panic():
                self._send(message, port)

    def restore(self, port: str = "") -> None:
        """Another port, or the lost one again: set its channels as they were, banks first, then programmes."""
        own = [message for (name, _, _), message in self._settings.items() if name == port]
        for message in sorted(own, key=_rank):
            self._send(message, port)

    def _strike(self, message: Message, port: str) -> None:
        key = (port, message[0] & 0x0F, message[1])
        if key in self._notes:
            self._release(key, messages.note_off(*key[1:]))
        self._notes.add(key)
        self._channels.add(key[:2])
        self._send(message, port)

    def _let_go(self, keys: Iterable[Key]) -> None:
        for key in sorted(keys):
            self._release(key, messages.note_off(*key[1:]))

    def _release(self, key: Key, message: Message) -> None:
        if key in self._notes:
            self._notes.discard(key)
            self._by_hand.discard(key)
            self._send(message, key[0])

    def _set(self, message: Message, port: str) -> None:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == PROGRAM:
            message = message[:2]
        slot = (port, message[0], message[1] if kind == CONTROL else -1)
        again = self._settings.get(slot) == message and slot not in self._of_another_bank
        if kind == CONTROL and message[1] in _BANK and not again:
            self._of_another_bank.add((port, PROGRAM | channel, -1))  # the same number is another sound there
        self._of_another_bank.discard(slot)
        if kind != CONTROL or message[1] < messages.ALL_SOUND_OFF:  # from there on they are deeds, not settings
            self._settings[slot] = message
        self._channels.add((port, channel))
        if not (again and kind == PROGRAM):  # many synthesisers cut what sounds when they change their sound
            self._send(message, port)


def _rank(setting: Message) -> int:
    """The order of settings: a bank is chosen by the programme that follows."""
    kind = setting[0] & 0xF0
    return 0 if kind == CONTROL and setting[1] in _BANK else 1 if kind == PROGRAM else 2
