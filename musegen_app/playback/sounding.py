"""The notes that sound: each on is remembered until its off, so that silence can be made note by note."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from musegen_app.midi_io import messages
from musegen_app.midi_io.messages import NOTE_OFF, NOTE_ON, Message


class Sounding:
    """Passes messages on to ``send`` and keeps the table. Not every synthesiser honours "all notes off"."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._notes: set[tuple[int, int]] = set()
        self._channels: set[int] = set()

    def __len__(self) -> int:
        return len(self._notes)

    def pass_on(self, message: Message) -> None:
        """Send a message; a pitch that sounds already is let go first, an off for a silent one is dropped."""
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON and message[2] > 0:
            note = (channel, message[1])
            if note in self._notes:
                self._send(messages.note_off(*note))
            self._notes.add(note)
            self._channels.add(channel)
        elif kind in {NOTE_ON, NOTE_OFF}:
            note = (channel, message[1])
            if note not in self._notes:
                return
            self._notes.discard(note)
        else:
            self._channels.add(channel)
        self._send(message[:2] if kind == messages.PROGRAM else message)

    def keep_only(self, kept: Iterable[tuple[int, int]]) -> None:
        """Let go of every note that is not in ``kept``."""
        for note in sorted(self._notes.difference(kept)):
            self._send(messages.note_off(*note))
            self._notes.discard(note)

    def silence(self) -> None:
        """Let every note go by its own off, then the pedals."""
        self.keep_only(())
        for channel in sorted(self._channels):
            for message in messages.release(channel):
                self._send(message)
        self._channels.clear()

    def panic(self) -> None:
        """Silence on every channel, whatever is in the table."""
        self.keep_only(())
        for message in messages.panic():
            self._send(message)
