"""How late mido's own player is: a peer to measure ours against."""

from __future__ import annotations

import io
import time

import mido

from musegen_app.files.midi_writer import write_midi_bytes
from musegen_app.score import Score


def mido_lateness_s(score: Score) -> list[float]:
    """Play a score by ``mido.MidiFile.play`` to nobody; seconds by which each note's beginning and end came late.

    Takes as long as the music lasts.
    """
    file = mido.MidiFile(file=io.BytesIO(write_midi_bytes(score)))
    late: list[float] = []
    began, due = time.perf_counter(), 0.0
    for message in file.play():
        due += message.time
        if message.type in {"note_on", "note_off"}:
            late.append(time.perf_counter() - began - due)
    return late
