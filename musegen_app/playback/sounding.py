"""What the port was made to do: the notes that sound, so that silence can be made note by note, and how channels are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from musegen_app.midi_io import messages
from musegen_app.midi_io.messages import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Message

Key = tuple[int, int]
"""Channel and pitch."""


class Sounding:
    """Passes messages on to ``send`` and remembers them. Not every synthesiser honours "all notes off"."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._notes: set[Key] = set()
        self._by_hand: set[Key] = set()
        self._channels: set[int] = set()
        self._settings: dict[tuple[int, int], Message] = {}

    def __len__(self) -> int:
        return len(self._notes)

    def pass_on(self, message: Message) -> None:
        """Send a message; a pitch that sounds already is let go first, an off for a silent one is dropped."""
        kind = message[0] & 0xF0
        if kind == NOTE_ON and message[2] > 0:
            self._strike(message)
        elif kind in {NOTE_ON, NOTE_OFF}:
            self._release((message[0] & 0x0F, message[1]), message)
        else:
            self._set(message)

    def audition(self, message: Message) -> None:
        """Send a message of the musician's own hand: the note outlives edits of what plays."""
        self.pass_on(message)
        key = (message[0] & 0x0F, message[1])
        if message[0] & 0xF0 == NOTE_ON and key in self._notes:
            self._by_hand.add(key)

    def keep_only(self, kept: Iterable[Key]) -> None:
        """Let go of every note that is neither in ``kept`` nor held by hand."""
        for key in sorted(self._notes - self._by_hand.union(kept)):
            self._release(key, messages.note_off(*key))

    def silence(self) -> None:
        """Let every note go by its own off, then the pedals."""
        self._by_hand.clear()
        self.keep_only(())
        for channel in sorted(self._channels):
            for message in messages.release(channel):
                self._set(message)
        self._channels.clear()

    def panic(self, also: Iterable[Key] = ()) -> None:
        """Silence on every channel, whatever is in the table; ``also`` get their offs though they are not in it."""
        for key in set(also) - self._notes:
            self._send(messages.note_off(*key))
        self.silence()
        for message in messages.panic():
            self._send(message)

    def restore(self) -> None:
        """Another port, or the lost one again: set its channels as they were."""
        for message in self._settings.values():
            self._send(message)

    def _strike(self, message: Message) -> None:
        key = (message[0] & 0x0F, message[1])
        if key in self._notes:
            self._release(key, messages.note_off(*key))
        self._notes.add(key)
        self._channels.add(key[0])
        self._send(message)

    def _release(self, key: Key, message: Message) -> None:
        if key in self._notes:
            self._notes.discard(key)
            self._by_hand.discard(key)
            self._send(message)

    def _set(self, message: Message) -> None:
        kind = message[0] & 0xF0
        if kind == PROGRAM:
            message = message[:2]
        slot = (message[0], message[1] if kind == CONTROL else -1)
        again = self._settings.get(slot) == message
        if kind != CONTROL or message[1] < messages.ALL_SOUND_OFF:  # from there on they are deeds, not settings
            self._settings[slot] = message
        self._channels.add(message[0] & 0x0F)
        if not (again and kind == PROGRAM):  # many synthesisers cut what sounds when they change their sound
            self._send(message)
