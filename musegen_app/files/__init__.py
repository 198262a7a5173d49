"""MIDI files and projects, read and written. mido and music21 end here."""
