"""General MIDI's instruments: what a programme number means to a musician."""

from __future__ import annotations

from typing import Final

from musegen_app.score import Track

FAMILIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "Piano",
        (
            "Acoustic Grand",
            "Bright Piano",
            "Electric Grand",
            "Honky-tonk",
            "Electric Piano 1",
            "Electric Piano 2",
            "Harpsichord",
            "Clavinet",
        ),
    ),
    (
        "Chromatic percussion",
        ("Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba", "Xylophone", "Tubular Bells", "Dulcimer"),
    ),
    (
        "Organ",
        (
            "Drawbar Organ",
            "Percussive Organ",
            "Rock Organ",
            "Church Organ",
            "Reed Organ",
            "Accordion",
            "Harmonica",
            "Bandoneon",
        ),
    ),
    (
        "Guitar",
        (
            "Nylon Guitar",
            "Steel Guitar",
            "Jazz Guitar",
            "Clean Guitar",
            "Muted Guitar",
            "Overdriven Guitar",
            "Distorted Guitar",
            "Guitar Harmonics",
        ),
    ),
    (
        "Bass",
        (
            "Acoustic Bass",
            "Fingered Bass",
            "Picked Bass",
            "Fretless Bass",
            "Slap Bass 1",
            "Slap Bass 2",
            "Synth Bass 1",
            "Synth Bass 2",
        ),
    ),
    (
        "Strings",
        ("Violin", "Viola", "Cello", "Contrabass", "Tremolo Strings", "Pizzicato Strings", "Harp", "Timpani"),
    ),
    (
        "Ensemble",
        (
            "String Ensemble 1",
            "String Ensemble 2",
            "Synth Strings 1",
            "Synth Strings 2",
            "Choir Aahs",
            "Voice Oohs",
            "Synth Voice",
            "Orchestra Hit",
        ),
    ),
    (
        "Brass",
        (
            "Trumpet",
            "Trombone",
            "Tuba",
            "Muted Trumpet",
            "French Horn",
            "Brass Section",
            "Synth Brass 1",
            "Synth Brass 2",
        ),
    ),
    (
        "Reed",
        ("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn", "Bassoon", "Clarinet"),
    ),
    (
        "Pipe",
        ("Piccolo", "Flute", "Recorder", "Pan Flute", "Blown Bottle", "Shakuhachi", "Whistle", "Ocarina"),
    ),
    (
        "Synth lead",
        (
            "Square Lead",
            "Saw Lead",
            "Calliope Lead",
            "Chiff Lead",
            "Charang Lead",
            "Voice Lead",
            "Fifths Lead",
            "Bass + Lead",
        ),
    ),
    (
        "Synth pad",
        (
            "New Age Pad",
            "Warm Pad",
            "Polysynth Pad",
            "Choir Pad",
            "Bowed Pad",
            "Metallic Pad",
            "Halo Pad",
            "Sweep Pad",
        ),
    ),
    (
        "Synth effects",
        ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi"),
    ),
    (
        "World",
        ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"),
    ),
    (
        "Percussive",
        (
            "Tinkle Bell",
            "Agogo",
            "Steel Drums",
            "Woodblock",
            "Taiko",
            "Melodic Tom",
            "Synth Drum",
            "Reverse Cymbal",
        ),
    ),
    (
        "Sound effects",
        (
            "Fret Noise",
            "Breath Noise",
            "Seashore",
            "Bird Tweet",
            "Telephone",
            "Helicopter",
            "Applause",
            "Gunshot",
        ),
    ),
)
"""Sixteen families of eight programmes, in programme order."""

PROGRAMS: Final = tuple(name for _family, names in FAMILIES for name in names)
"""128 names; the index is the programme number."""


def sound_name(track: Track) -> str:
    """What a track sounds like: "1 Acoustic Grand" (counted from 1, as synths show it), or "Drum kit"."""
    return "Drum kit" if track.is_drums else f"{track.program + 1} {PROGRAMS[track.program]}"
