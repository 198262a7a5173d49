"""Find the chords that notes make, beat by beat.

Template matching with a memory: how long each pitch class sounds in a beat is held against the common kinds of chords on
each root, and the likeliest path through the piece is taken (Viterbi), in which a change is dearer off the bar line. After
Pardo and Birmingham (2002), "Algorithms for chordal analysis".
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

from musegen_app.score.chord_track import Chords, ChordSpan
from musegen_app.score.chords import Chord
from musegen_app.score.key import find_key
from musegen_app.score.notes import NoteTable
from musegen_app.score.scale import Key
from musegen_app.score.timeline import Timeline

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FLAT: Final = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_SHARP: Final = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")
_SHARP_MAJORS: Final = {7, 2, 9, 4, 11, 6}
_KINDS: Final = {
    "": 0.0,
    "m": 0.0,
    "7": 0.06,
    "m7": 0.09,
    "maj7": 0.12,
    "dim": 0.08,
    "m7♭5": 0.13,
    "dim7": 0.13,
    "aug": 0.2,
    "sus4": 0.14,
}
"""Kinds of chords and how much they must fit better than a plain triad."""
_CHORDS: Final = tuple(Chord.parse(root + kind) for root in _FLAT for kind in _KINDS)
_SHARP_CHORDS: Final = tuple(Chord.parse(root + kind) for root in _SHARP for kind in _KINDS)
_COSTS: Final = np.array([cost for _ in _FLAT for cost in _KINDS.values()])
_IN: Final = np.array([[chord.mask >> pitch_class & 1 for pitch_class in range(12)] for chord in _CHORDS], dtype=np.float64)
_ROOT_OF: Final = np.array([chord.root for chord in _CHORDS])

_FOREIGN: Final = 1.2  # what a share of foreign sound costs, where sound of the chord earns 1
_BASS: Final = 0.2  # what the root in the bass earns
_CHANGE_ON_BAR: Final = 0.15
_CHANGE_IN_BAR: Final = 0.45
_MISSING: Final = 0.12  # what a chord tone costs that nobody plays
_MISSING_OFF_KEY: Final = 0.2  # the same of one that is not in the key
_MOST_BARS: Final = 4_000
_EVIDENCE: Final = np.array([0.0, 0.35, 0.7, 1.0])  # how much a beat of none, one, two and more pitch classes tells
_HEARD: Final = 0.04  # a pitch class with a smaller share is not heard as a chord tone


def find_chords(notes: NoteTable, timeline: Timeline) -> Chords:
    """The chords of ``notes`` on beats; bars without a note have none. Pure; any thread.

    A beat of 6/8, 9/8 and 12/8 is the dotted quarter. On 17 of Bach's chorales with an analysis by hand (Riemenschneider
    1-20 as music21 has them, but for three it does not align), the root is the analyst's on 84 % of the beats.
    """
    if not notes:
        return ()
    lines = beat_lines(timeline, notes.end_tick)
    weights, bass = _sounding(notes, lines)
    guess = find_key(notes)
    key = guess.key if guess else None
    path = _likeliest_path(_fit(weights, bass, key), _change_costs(timeline, lines))
    chords = _SHARP_CHORDS if key and _is_sharp(key) else _CHORDS
    return _as_spans([chords[at] for at in path.tolist()], weights.sum(axis=1) > 0, timeline, lines)


def _is_sharp(key: Key) -> bool:
    """Whether its signature has sharps; the leading note of A minor is one, too."""
    minor = key.scale == "minor"
    return (key.tonic + 3 * minor) % 12 in _SHARP_MAJORS or (minor and key.tonic == 9)


def beat_lines(timeline: Timeline, end_tick: int) -> Ints:
    """Ticks where felt beats begin, up to the first bar line at or after ``end_tick``, which is the last of them.

    After 4,000 bars there are no more.
    """
    end = min(timeline.bar_ceil(end_tick), timeline.bar_start(_MOST_BARS))
    lines: list[int] = []
    bars = [*timeline.bar_starts(0, end).tolist(), end]
    for start, after in itertools.pairwise(bars):
        metre = timeline.metre_at(start)
        compound = metre.denominator >= 8 and metre.numerator % 3 == 0
        lines += range(start, after, metre.beat_ticks * (3 if compound else 1))
    return np.array([*lines, end], dtype=np.int64)


def _sounding(notes: NoteTable, lines: Ints) -> tuple[Floats, Ints]:
    """How long each pitch class sounds in each beat (beats, 12), and the pitch class of the bass, -1 for silence."""
    beats = len(lines) - 1
    weights, lowest = np.zeros((beats, 12)), np.full(beats, 128, dtype=np.int64)
    beat = np.searchsorted(lines, notes.start, side="right") - 1
    last = np.minimum(np.searchsorted(lines, notes.end, side="left"), beats)
    rows = np.flatnonzero(beat < last)
    while len(rows):  # each turn is a beat further into the notes that are held that long
        at = beat[rows]
        sounds = np.minimum(notes.end[rows], lines[at + 1]) - np.maximum(notes.start[rows], lines[at])
        np.add.at(weights, (at, notes.pitch[rows] % 12), sounds)
        rings = sounds * 4 >= np.minimum(lines[at + 1] - lines[at], notes.length[rows])
        np.minimum.at(lowest, at[rings], notes.pitch[rows][rings])
        beat[rows] += 1
        rows = rows[beat[rows] < last[rows]]
    return weights, np.where(lowest < 128, lowest % 12, -1)


def _fit(weights: Floats, bass: Ints, key: Key | None) -> Floats:
    """How well each chord fits each beat: (beats, chords)."""
    in_key = np.isin(np.arange(12), list(key.pitch_classes)) if key else np.ones(12, dtype=np.bool_)
    totals = weights.sum(axis=1, keepdims=True)
    share = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
    inside = share @ _IN.T
    missing = np.where(share < _HEARD, np.where(in_key, _MISSING, _MISSING_OFF_KEY), 0.0) @ _IN.T
    fit: Floats = inside - _FOREIGN * (1 - inside) - missing - _COSTS + _BASS * (bass[:, None] == _ROOT_OF)
    heard = np.minimum((share >= _HEARD).sum(axis=1), len(_EVIDENCE) - 1)
    weighed: Floats = fit * _EVIDENCE[heard][:, None]
    return weighed


def _change_costs(timeline: Timeline, lines: Ints) -> Floats:
    """What it costs to change the chord on each beat."""
    on_bar = np.isin(lines[:-1], timeline.bar_starts(0, int(lines[-1])))
    return np.where(on_bar, _CHANGE_ON_BAR, _CHANGE_IN_BAR)


def _likeliest_path(fit: Floats, costs: Floats) -> Ints:
    """The chord of each beat such that fit less the costs of changes is greatest."""
    total, came_from = fit[0], np.zeros(fit.shape, dtype=np.int64)
    for beat in range(1, len(fit)):
        best = int(total.argmax())
        changes = total[best] - costs[beat] > total
        came_from[beat] = np.where(changes, best, np.arange(len(total)))
        total = np.where(changes, total[best] - costs[beat], total) + fit[beat]
    path = np.empty(len(fit), dtype=np.int64)
    path[-1] = total.argmax()
    for beat in range(len(fit) - 1, 0, -1):
        path[beat - 1] = came_from[beat, path[beat]]
    return path


def _as_spans(path: list[Chord], sounds: npt.NDArray[np.bool_], timeline: Timeline, lines: Ints) -> Chords:
    """Beats of one chord as one; a bar without a note is left out."""
    bars = np.array([timeline.bar_at(int(line)) for line in lines[:-1]])
    heard = np.isin(bars, bars[sounds])
    found: list[ChordSpan] = []
    for beat in np.flatnonzero(heard).tolist():
        start, end, chord = int(lines[beat]), int(lines[beat + 1]), path[beat]
        if found and found[-1].chord is chord and found[-1].end == start:
            found[-1] = ChordSpan(found[-1].start, end, chord)
        else:
            found.append(ChordSpan(start, end, chord))
    return tuple(found)
