"""The port's menu: where notes go, who gets our clock, whose clock we follow, and how long the way is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from musegen_app.editor.document import Document
from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.virtual_port import input_ports, virtual_name
from musegen_app.ui import menus
from musegen_app.ui.flows.following import Following
from musegen_app.ui.flows.playing import SILENT, Playing
from musegen_app.ui.preferences import Preferences


class MidiSetup(QObject):
    """Fills the menu and carries out what is chosen; the choices outlive the program. ``calibration_wanted``: see there."""

    calibration_wanted = Signal()

    def __init__(self, document: Document, playing: Playing, preferences: Preferences) -> None:
        super().__init__()
        self._playing, self._preferences = playing, preferences
        self.following = Following(document, playing)

    def start(self) -> None:
        """Take up what was chosen last time."""
        chosen = self._preferences.value
        if chosen.clock_ports:
            self._playing.send_clock(chosen.clock_ports)
        if chosen.clock_input:
            self.following.choose(chosen.clock_input)

    def close(self) -> None:
        """Listen no longer."""
        self.following.close()

    def outputs(self) -> PortList:
        """The ports there are to send to."""
        return self._playing.ports()

    def inputs(self) -> PortList:
        """The ports there are to listen to."""
        found = input_ports()
        return replace(found, virtual=virtual_name() if found.names or self.outputs().virtual else "")

    def fill(self, menu: QMenu) -> None:
        """Put everything into the port's menu."""
        menus.fill_ports(menu, self.outputs(), self._playing.port, self.open_port)
        menu.addSeparator()
        chosen = self._preferences.value
        send = menu.addMenu("Send clock to")
        menus.fill_clock_ports(send, self.outputs(), chosen.clock_ports, self.send_clock)
        follow = menu.addMenu("Follow the clock of")
        menus.fill_clock_inputs(follow, self.inputs(), chosen.clock_input, self.follow_clock)
        menu.addSeparator()
        menu.addAction("Measure the delay…").triggered.connect(self.calibration_wanted)

    def open_port(self, name: str) -> None:
        """Send notes to this port, "" for none."""
        self._preferences.change(port=name or SILENT)
        self._playing.open_port(name)

    def send_clock(self, name: str, on: bool) -> None:  # noqa: FBT001  a checkable action's state
        """Send the clock to this port, "" for the main one, or no longer."""
        others = tuple(port for port in self._preferences.value.clock_ports if port != name)
        ports = (*others, name) if on else others
        self._preferences.change(clock_ports=ports)
        self._playing.send_clock(ports)

    def follow_clock(self, name: str) -> None:
        """Follow this input's clock, "" for none."""
        self._preferences.change(clock_input=name)
        self.following.choose(name)
