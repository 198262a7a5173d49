"""MIDI devices and ports; rtmidi ends here."""
