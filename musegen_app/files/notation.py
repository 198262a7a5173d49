"""Read notation (MusicXML, Humdrum kern, ABC) and the scores that come with music21.

music21 takes seconds to import, so it is imported when a score is read, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from musegen_app.errors import FileError
from musegen_app.files.chord_symbols import chords_of
from musegen_app.files.disk import read_bytes
from musegen_app.files.midi_reader import MAX_BYTES, MidiRead
from musegen_app.files.repairs import Repairs
from musegen_app.files.smf_parts import Part, score_of_parts
from musegen_app.score import (
    DEFAULT_VELOCITY,
    DRUM_CHANNEL,
    TICKS_PER_QUARTER,
    Key,
    Metre,
    NoteTable,
    Score,
    Tempo,
    Timeline,
)
from musegen_app.score.transforms import without_overlaps

NOTATION_SUFFIXES: Final = (".musicxml", ".xml", ".mxl", ".krn", ".abc")
_FORMATS: Final = {".musicxml": "musicxml", ".xml": "musicxml", ".mxl": "musicxml", ".krn": "humdrum", ".abc": "abc"}


def read_corpus(name: str) -> Score:
    """A score of music21's corpus, such as "bach/bwv66.6".

    Raises:
        FileError: the corpus has no such score.
    """
    from music21 import corpus

    try:
        parsed = corpus.parse(name, forceSource=True)
    except Exception as error:
        raise FileError(f"music21's corpus holds no score called {name}.", Path(name)) from error
    return _read(parsed, Path(name)).score


def read_notation(path: Path) -> MidiRead:
    """Read MusicXML (also compressed), Humdrum kern or ABC. Takes some seconds the first time. Any thread.

    Repeats are played out where they can be; grace notes are left out; a tie makes one note.

    Raises:
        FileError: the file is missing, of another kind, or cannot be understood.
    """
    notation = _FORMATS.get(path.suffix.lower())
    if notation is None:
        raise FileError(f"{path.name} is not MusicXML, kern or ABC.", path)
    data = read_bytes(path, MAX_BYTES, "notation file")
    from music21 import converter

    source = path if path.suffix.lower() == ".mxl" else _decoded(data)  # text is handed over: a path leaves a file open
    try:
        parsed = converter.parse(source, format=notation, forceSource=True)
    except Exception as error:
        raise FileError(f"{path.name} could not be understood as notation.", path) from error
    return _read(parsed, path)


def _read(parsed: Any, path: Path) -> MidiRead:
    from music21 import stream

    music = parsed.scores[0] if isinstance(parsed, stream.Opus) and parsed.scores else parsed
    music = _with_repeats_played(music)
    repairs = Repairs()
    sources = list(music.parts) if isinstance(music, stream.Score) and music.parts else [music]
    parts = [part for part in (_part(source, repairs) for source in sources) if part.notes]
    if not parts:
        raise FileError(f"{path.name} holds no notes.", path)
    for index, part in enumerate(parts):
        part.channel = _melodic_channel(index)
    title = str(parsed.metadata.bestTitle or "") if parsed.metadata else ""
    score = score_of_parts(parts, _timeline(music), title)
    symbols = next(filter(None, (list(_symbols(source)) for source in sources)), [])
    chords = chords_of(symbols, score.timeline.bar_ceil(score.end_tick), repairs)
    return MidiRead(replace(score, chords=chords), repairs.sentences(), _key(music))


def _decoded(data: bytes) -> str:
    """UTF-8 or UTF-16 with its mark, else Latin-1."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _melodic_channel(index: int) -> int:
    """Channels in turn, leaving out General MIDI's drums."""
    channel = index % 15
    return channel + (channel >= DRUM_CHANNEL)


def _with_repeats_played(music: Any) -> Any:
    from music21.exceptions21 import Music21Exception

    try:
        return music.expandRepeats()
    except (Music21Exception, ValueError, IndexError, KeyError, AttributeError, TypeError):
        return music  # repeat signs that contradict each other: once through is still the music


def _part(source: Any, repairs: Repairs) -> Part:
    rows = list(_rows(source.stripTies().flatten(), repairs))
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    notes = NoteTable.from_columns(*(list(column) for column in columns))
    lone = without_overlaps(notes)
    repairs.note("doubled", len(notes) - len(lone))
    instrument = source.getInstrument(returnDefault=False)
    program = getattr(instrument, "midiProgram", None) or 0
    return Part(0, lone, str(source.partName or ""), program)


def _rows(flat: Any, repairs: Repairs) -> Iterator[tuple[int, int, int, int]]:
    """Start, length, pitch and velocity of each note of a flat stream."""
    for element in flat.notes:
        if _is_symbol(element):
            continue
        if not hasattr(element, "pitches") or element.quarterLength <= 0:
            repairs.note("graces", int(element.quarterLength <= 0))
            continue
        start = _ticks(element.offset)
        length = max(_ticks(element.offset + element.quarterLength) - start, 1)
        velocity = element.volume.velocity or DEFAULT_VELOCITY
        for pitch in element.pitches:
            yield start, length, min(max(int(pitch.midi), 0), 127), min(max(int(velocity), 1), 127)


def _is_symbol(element: Any) -> bool:
    """Whether it is a chord symbol over the staff, which nobody plays."""
    return "ChordSymbol" in element.classes


def _symbols(source: Any) -> Iterator[tuple[int, str]]:
    """Tick and text of each chord symbol of a part; "" where the harmony ends."""
    for element in source.flatten().notes:
        if _is_symbol(element):
            yield _ticks(element.offset), "" if "NoChord" in element.classes else str(element.figure)


def _ticks(quarters: float | Fraction) -> int:
    return round(Fraction(quarters) * TICKS_PER_QUARTER)


def _timeline(music: Any) -> Timeline:
    from music21 import meter, tempo

    first = music.parts[0] if getattr(music, "parts", None) else music
    tempos = [
        Tempo.of_bpm(float(mark.getQuarterBPM()), _ticks(mark.getOffsetInHierarchy(music)))
        for mark in music.recurse().getElementsByClass(tempo.MetronomeMark)
        if mark.getQuarterBPM()
    ]
    metres = [
        Metre(_ticks(sign.getOffsetInHierarchy(first)), sign.numerator, sign.denominator)
        for sign in first.recurse().getElementsByClass(meter.TimeSignature)
        if sign.numerator and sign.denominator in {1, 2, 4, 8, 16, 32, 64}
    ]
    return Timeline.made(tuple(tempos), tuple(metres))


def _key(music: Any) -> Key | None:
    """The first key, where the notation states its mode too."""
    from music21 import key

    found = music.recurse().getElementsByClass(key.Key).first()
    if found is None or found.mode not in {"major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"}:
        return None
    return Key(found.tonic.pitchClass, found.mode)
