"""MIDI messages as tuples of bytes. Channels 0–15, pitches, velocities, controllers and values 0–127."""

from __future__ import annotations

from typing import Final

Message = tuple[int, ...]

NOTE_OFF: Final = 0x80
NOTE_ON: Final = 0x90
CONTROL: Final = 0xB0
PROGRAM: Final = 0xC0
BEND: Final = 0xE0
SONG_POSITION: Final = 0xF2
CLOCK: Final = 0xF8
START: Final = 0xFA
CONTINUE: Final = 0xFB
STOP: Final = 0xFC

SUSTAIN: Final = 64
ALL_SOUND_OFF: Final = 120
ALL_NOTES_OFF: Final = 123
CHANNELS: Final = range(16)


def note_on(channel: int, pitch: int, velocity: int) -> Message:
    """Strike a pitch."""
    return NOTE_ON | channel, pitch, velocity


def note_off(channel: int, pitch: int) -> Message:
    """Let a pitch go."""
    return NOTE_OFF | channel, pitch, 64


def control(channel: int, number: int, value: int) -> Message:
    """Set a controller."""
    return CONTROL | channel, number, value


def program(channel: int, number: int) -> Message:
    """Choose a sound."""
    return PROGRAM | channel, number


def bend(channel: int, value: int) -> Message:
    """Bend the pitch; ``value`` 0–16383, 8192 is none."""
    return BEND | channel, value & 0x7F, value >> 7


def song_position(sixteenths: int) -> Message:
    """Where a receiver of the clock is to go on; 0–16383 sixteenths from the beginning."""
    return SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7


def release(channel: int) -> tuple[Message, ...]:
    """After a channel's notes have got their offs: the pedal up, and whatever else may hang."""
    return control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)


def panic() -> tuple[Message, ...]:
    """Everything off, on every channel, at once."""
    return tuple(m for c in CHANNELS for m in (*release(c), control(c, ALL_SOUND_OFF, 0)))
