"""The music itself: immutable notes, tracks, timeline and the changes made to them. Standard library and numpy only."""

from musegen_app.score.change import Change, ChordsEdit, Edit, NotesEdit, TimelineEdit, TrackEdit
from musegen_app.score.chord_track import Chords, ChordSpan
from musegen_app.score.chords import Chord
from musegen_app.score.history import History, Step
from musegen_app.score.key import KeyGuess, find_key
from musegen_app.score.notes import (
    DEFAULT_VELOCITY,
    EMPTY,
    GENERATED,
    GENERATION,
    LIKED,
    LOCKED,
    MUTED,
    TICKS_PER_QUARTER,
    Note,
    NoteTable,
)
from musegen_app.score.played import as_played
from musegen_app.score.provenance import Generation, Provenance
from musegen_app.score.scale import PITCH_NAMES, SCALES, Key, pitch_name
from musegen_app.score.score import Score
from musegen_app.score.swing import EIGHTHS, MAX_PERCENT, SIXTEENTHS, STRAIGHT, Swing
from musegen_app.score.timeline import BarBeat, Metre, Tempo, Timeline
from musegen_app.score.track import DRUM_CHANNEL, MAX_BANK, PITCH_BEND, ControlChange, Track

__all__ = [
    "DEFAULT_VELOCITY",
    "DRUM_CHANNEL",
    "EIGHTHS",
    "EMPTY",
    "GENERATED",
    "GENERATION",
    "LIKED",
    "LOCKED",
    "MAX_BANK",
    "MAX_PERCENT",
    "MUTED",
    "PITCH_BEND",
    "PITCH_NAMES",
    "SCALES",
    "SIXTEENTHS",
    "STRAIGHT",
    "TICKS_PER_QUARTER",
    "BarBeat",
    "Change",
    "Chord",
    "ChordSpan",
    "Chords",
    "ChordsEdit",
    "ControlChange",
    "Edit",
    "Generation",
    "History",
    "Key",
    "KeyGuess",
    "Metre",
    "Note",
    "NoteTable",
    "NotesEdit",
    "Provenance",
    "Score",
    "Step",
    "Swing",
    "Tempo",
    "Timeline",
    "TimelineEdit",
    "Track",
    "TrackEdit",
    "as_played",
    "find_key",
    "pitch_name",
]
