"""Score ↔ files: Standard MIDI Files, MuseGen's own projects, notation. The only room that imports mido and music21."""

from musegen_app.files.midi_reader import Marker, MidiRead, read_midi, read_midi_bytes
from musegen_app.files.midi_writer import write_midi, write_midi_bytes
from musegen_app.files.project import Project, read_project, write_project

__all__ = [
    "Marker",
    "MidiRead",
    "Project",
    "read_midi",
    "read_midi_bytes",
    "read_project",
    "write_midi",
    "write_midi_bytes",
    "write_project",
]
