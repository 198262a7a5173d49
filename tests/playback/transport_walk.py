"""A musician who does anything at any time: random operations of the transport, on a score that changes meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from musegen_app.playback.client import Player
from musegen_app.playback.metronome import Click
from musegen_app.score import EIGHTHS, SIXTEENTHS, Note, NoteTable, Score, Swing, Timeline, Track

EIGHTH = 480
LENGTH = 400 * EIGHTH


class Walk:
    """Operates a player by chance; ``ports`` are those that are there."""

    def __init__(self, player: Player, ports: Sequence[str], seed: int) -> None:
        self._player, self._ports, self._chance = player, ports, random.Random(seed)
        self._score = Score(tuple(self._track(number, "") for number in (1, 2, 3)), Timeline().with_tempo(180))
        self._operations: tuple[tuple[Callable[[], None], int], ...] = (
            (self._play, 6),
            (self._loop, 5),
            (self._seek, 6),
            (player.stop, 3),
            (self._edit, 10),
            (self._tempo, 4),
            (self._swing, 2),
            (self._mute, 5),
            (self._solo, 3),
            (self._audition, 3),
            (self._move_track, 2),
            (self._move_click, 1),
            (self._choose_port, 1),
            (player.panic, 1),
        )

    def run(self, count: int, most_s: float) -> None:
        """``count`` operations, each some time up to ``most_s`` after the last."""
        rows, weights = zip(*self._operations, strict=True)
        for operation in self._chance.choices(rows, weights, k=count):
            operation()
            self._player.poll()
            time.sleep(self._chance.random() * most_s)

    def _track(self, number: int, port: str) -> Track:
        chance = self._chance
        notes = [
            Note(start, chance.randint(1, 12 * EIGHTH), 40 + chance.randrange(40), chance.randint(1, 127))
            for start in range(0, LENGTH, 120)
        ]
        return Track(number, channel=number % 2, program=number, notes=NoteTable.of(notes), port=port)

    def _replace(self, index: int, track: Track) -> None:
        tracks = self._score.tracks
        self._score = replace(self._score, tracks=(*tracks[:index], track, *tracks[index + 1 :]))
        self._player.update(self._score)

    def _place(self) -> int:
        return self._chance.randrange(LENGTH)

    def _play(self) -> None:
        bars = self._chance.choice((0, 0, 0, 1))
        clicks = self._chance.random() < 0.3
        self._player.play(self._score, self._place(), metronome=clicks, count_in_bars=bars)

    def _loop(self) -> None:
        start = self._place()
        loop = (start, start + self._chance.randint(60, 16 * EIGHTH))
        at = int(self._player.position_tick()) if self._chance.random() < 0.5 else start
        self._player.play(self._score, at, loop, metronome=self._chance.random() < 0.3)

    def _seek(self) -> None:
        self._player.seek(self._place())

    def _edit(self) -> None:
        index = self._chance.randrange(len(self._score.tracks))
        self._replace(index, self._track(index + 1, self._score.tracks[index].port))

    def _tempo(self) -> None:
        tempo = self._chance.choice((60, 120, 240, 480))
        self._score = replace(self._score, timeline=self._score.timeline.with_tempo(tempo))
        self._player.update(self._score)

    def _swing(self) -> None:
        swing = Swing(self._chance.choice((0, 33, 75)), self._chance.choice((EIGHTHS, SIXTEENTHS)))
        self._score = replace(self._score, timeline=self._score.timeline.with_swing(swing))
        self._player.update(self._score)

    def _mute(self) -> None:
        index = self._chance.randrange(len(self._score.tracks))
        self._replace(index, replace(self._score.tracks[index], muted=not self._score.tracks[index].muted))

    def _solo(self) -> None:
        index = self._chance.randrange(len(self._score.tracks))
        self._replace(index, replace(self._score.tracks[index], soloed=not self._score.tracks[index].soloed))

    def _audition(self) -> None:
        port, channel, pitch = self._chance.choice(("", *self._ports)), self._chance.randrange(3), 50
        (self._player.note_on if self._chance.random() < 0.5 else self._hush)(channel, pitch, 90, port)

    def _hush(self, channel: int, pitch: int, _velocity: int, port: str) -> None:
        self._player.note_off(channel, pitch, port)

    def _move_track(self) -> None:
        index = self._chance.randrange(len(self._score.tracks))
        self._replace(index, replace(self._score.tracks[index], port=self._chance.choice(("", *self._ports))))

    def _move_click(self) -> None:
        self._player.set_click(Click(self._chance.choice(("", *self._ports)), self._chance.choice((9, 3))))

    def _choose_port(self) -> None:
        self._player.open_port(self._chance.choice(("", *self._ports)))
