"""A score as a WAV file, by FluidSynth, faster than it would play."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from musegen_app.errors import FileError, InputError, PortError
from musegen_app.files.midi_writer import write_midi
from musegen_app.playback.schedule import Schedule
from musegen_app.playback.soundfonts import GAIN, Synth
from musegen_app.score import Score, as_played

RATE: Final = 44_100
_CHANNELS, _WIDTH = 2, 2
_FRAME_BYTES: Final = _CHANNELS * _WIDTH
_FADE_S: Final = 0.01
_POLL_S: Final = 0.05
_COPIED_FRAMES: Final = 1 << 16

Progress = Callable[[float], None]


def _unheard(_share: float) -> None:
    """Nobody wants to know how far it is."""


def render_wav(
    score: Score,
    path: Path,
    synth: Synth,
    *,
    tail_s: float = 0.0,
    on_progress: Progress = _unheard,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Write what is heard of ``score`` (mute, solo and swing heeded) as 44.1 kHz stereo, 16 bits. Takes a while; any thread.

    The file is as long as the piece and ``tail_s`` seconds more for what still rings; its last hundredth of a second fades.
    ``on_progress`` is told the share that is done, 0–1. Returns whether it was written: False once ``cancelled`` says so. A
    file of that name stays as it was until the new one is whole.

    Raises:
        InputError: nothing of the score is heard.
        FileError: the file cannot be written.
        PortError: FluidSynth fails.
    """
    heard = as_played(replace(score, tracks=Schedule.of(score).tracks))
    if not heard.note_count:
        raise InputError("There is nothing to hear: no notes, or all tracks are muted.")
    frames = round((heard.timeline.second_at(heard.end_tick) + tail_s) * RATE)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            raw = Path(scratch) / "raw.wav"
            if not _synthesise(heard, Path(scratch), raw, synth, lambda share: on_progress(0.95 * share), cancelled, frames):
                return False
            _cut(raw, partial, frames)
        partial.replace(path)
    except OSError as error:
        raise FileError(f"{path.name} cannot be written: {error.strerror or error}.", path) from error
    finally:
        partial.unlink(missing_ok=True)
    on_progress(1.0)
    return True


def _synthesise(
    score: Score,
    scratch: Path,
    raw: Path,
    synth: Synth,
    on_progress: Progress,
    cancelled: Callable[[], bool],
    frames: int,
) -> bool:
    """Let FluidSynth write ``raw``; its growing tells how far it is."""
    midi = scratch / "piece.mid"
    write_midi(score, midi)
    options = ["-ni", "-q", "-g", str(GAIN), "-r", str(RATE), "-T", "wav", "-O", "s16"]
    command = [str(synth.program), *options, "-F", str(raw), str(synth.soundfont), str(midi)]
    complaints = scratch / "complaints"
    with complaints.open("wb") as said:
        process = _started(command, said.fileno())
        try:
            while process.poll() is None:
                if cancelled():
                    return False
                on_progress(min(_size(raw) / max(frames * _FRAME_BYTES, 1), 1.0))
                time.sleep(_POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    complaint = _complaint(complaints)
    if process.returncode or complaint or not _size(raw):
        raise PortError(f"FluidSynth could not render the piece with {synth.soundfont.name}.{complaint}")
    return True


def _started(command: list[str], said: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
    except OSError as error:
        raise PortError(f"FluidSynth cannot be started: {error.strerror}.") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _complaint(complaints: Path) -> str:
    """FluidSynth's last error; it goes on in silence, and ends well, where it cannot read a soundfont."""
    lines = complaints.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if "error:" in line.lower()]
    return f" It said: {said[-1].rstrip('.')}." if said else ""


def _cut(raw: Path, target: Path, frames: int) -> None:
    """Copy the first ``frames`` frames, filled up with silence, faded at the end."""
    import wave  # late: the window shall not wait for it

    fade = min(round(_FADE_S * RATE), frames)
    with target.open("wb") as file, wave.open(str(raw), "rb") as source, wave.open(file, "wb") as made:
        made.setparams((_CHANNELS, _WIDTH, RATE, frames, "NONE", "not compressed"))
        for begin in range(0, frames, _COPIED_FRAMES):
            count = min(_COPIED_FRAMES, frames - begin)
            sound = np.frombuffer(source.readframes(count), dtype="<i2").reshape(-1, _CHANNELS)
            part = np.zeros((count, _CHANNELS))
            part[: len(sound)] = sound
            left = frames - (begin + np.arange(count))
            part *= np.minimum(left / max(fade, 1), 1.0)[:, None]
            made.writeframes(np.round(part).astype("<i2").tobytes())
    shutil.copymode(raw, target)
