"""General MIDI's percussion: which drum a pitch is, in full and as short as a key is wide."""

from __future__ import annotations

from typing import Final

from musegen_app.score import pitch_name

LOWEST: Final = 35
_NAMES: Final[tuple[tuple[str, str], ...]] = (
    ("Acoustic bass drum", "Kick 2"),
    ("Bass drum", "Kick"),
    ("Side stick", "Rim"),
    ("Acoustic snare", "Snare"),
    ("Hand clap", "Clap"),
    ("Electric snare", "Snare 2"),
    ("Low floor tom", "Floor lo"),
    ("Closed hi-hat", "Hat shut"),
    ("High floor tom", "Floor hi"),
    ("Pedal hi-hat", "Hat foot"),
    ("Low tom", "Tom low"),
    ("Open hi-hat", "Hat open"),
    ("Low-mid tom", "Tom 3"),
    ("High-mid tom", "Tom 2"),
    ("Crash cymbal 1", "Crash"),
    ("High tom", "Tom high"),
    ("Ride cymbal 1", "Ride"),
    ("Chinese cymbal", "China"),
    ("Ride bell", "Bell"),
    ("Tambourine", "Tamb."),
    ("Splash cymbal", "Splash"),
    ("Cowbell", "Cowbell"),
    ("Crash cymbal 2", "Crash 2"),
    ("Vibraslap", "Vibra"),
    ("Ride cymbal 2", "Ride 2"),
    ("High bongo", "Bongo hi"),
    ("Low bongo", "Bongo lo"),
    ("Mute high conga", "Conga m."),
    ("Open high conga", "Conga hi"),
    ("Low conga", "Conga lo"),
    ("High timbale", "Timb. hi"),
    ("Low timbale", "Timb. lo"),
    ("High agogo", "Agogo hi"),
    ("Low agogo", "Agogo lo"),
    ("Cabasa", "Cabasa"),
    ("Maracas", "Maracas"),
    ("Short whistle", "Whist. s"),
    ("Long whistle", "Whist. l"),
    ("Short guiro", "Guiro s"),
    ("Long guiro", "Guiro l"),
    ("Claves", "Claves"),
    ("High wood block", "Wood hi"),
    ("Low wood block", "Wood lo"),
    ("Mute cuica", "Cuica m."),
    ("Open cuica", "Cuica o."),
    ("Mute triangle", "Tri mute"),
    ("Open triangle", "Tri open"),
)
HIGHEST: Final = LOWEST + len(_NAMES) - 1


def drum_name(pitch: int) -> str:
    """The drum in full; "" for a pitch (0–127) that is none."""
    return _NAMES[pitch - LOWEST][0] if LOWEST <= pitch <= HIGHEST else ""


def row_name(pitch: int, *, drums: bool) -> str:
    """What a row of the roll is called: such as "C#4", or "Snare" where the rows are ``drums``."""
    return (drum_label(pitch) if drums else "") or pitch_name(pitch)


def drum_label(pitch: int) -> str:
    """The drum in eight letters at most; "" for a pitch (0–127) that is none."""
    return _NAMES[pitch - LOWEST][1] if LOWEST <= pitch <= HIGHEST else ""
