"""The port's menu: where notes go, who gets our clock, whose clock we follow, how long the way is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from musegen_app.editor.document import Document
from musegen_app.midi_io.devices import PortList
from musegen_app.midi_io.inputs import Inputs, is_realtime
from musegen_app.midi_io.virtual_port import input_ports, virtual_name
from musegen_app.ui import menus
from musegen_app.ui.calibration_sheet import CalibrationSheet
from musegen_app.ui.flows.calibrating import Calibrating
from musegen_app.ui.flows.following import Following
from musegen_app.ui.flows.playing import SILENT, Playing
from musegen_app.ui.preferences import Preferences


class MidiSetup(QObject):
    """Fills the menu and carries out what is chosen; the choices outlive the program."""

    def __init__(
        self,
        document: Document,
        playing: Playing,
        preferences: Preferences,
        inputs: Inputs,
    ) -> None:
        super().__init__()
        self._playing, self._preferences = playing, preferences
        self.following = Following(document, playing, partial(inputs.tap, wants=is_realtime))
        self.calibrating = Calibrating(playing, inputs.tap)
        self.sheet: CalibrationSheet | None = None

    def start(self) -> None:
        """Take up what was chosen last time."""
        chosen = self._preferences.value
        if chosen.clock_ports:
            self._playing.send_clock(chosen.clock_ports)
        if chosen.clock_input:
            self.following.choose(chosen.clock_input)

    def close(self) -> None:
        """Listen no longer."""
        self.calibrating.cancel()
        if self.sheet is not None:
            self.sheet.close()
            self.sheet.deleteLater()
            self.sheet = None
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
        parent = menu.parentWidget()
        menus.fill_ports(menu, self.outputs(), self._playing.port, self.open_port)
        menu.addSeparator()
        chosen = self._preferences.value
        send = menu.addMenu("Send clock to")
        menus.fill_clock_ports(send, self.outputs(), chosen.clock_ports, self.send_clock)
        follow = menu.addMenu("Follow the clock of")
        menus.fill_clock_inputs(follow, self.inputs(), chosen.clock_input, self.follow_clock)
        menu.addSeparator()
        menu.addAction("Measure the delay…").triggered.connect(lambda: self.open_calibration(parent))

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

    def open_calibration(self, parent: QWidget | None) -> None:
        """Show the sheet on which a loopback's delay is measured."""
        if self.sheet is None:
            self.sheet = self._made_sheet(parent.window() if parent is not None else None)
        self.sheet.offer(self.outputs(), self.inputs(), self._playing.port)
        self.sheet.show_offset(self._preferences.value.record_offset_ms)
        self.sheet.show()
        self.sheet.raise_()
        self.sheet.activateWindow()

    def _made_sheet(self, parent: QWidget | None) -> CalibrationSheet:
        sheet, flow = CalibrationSheet(parent), self.calibrating
        sheet.measure_wanted.connect(flow.begin)
        sheet.stop_wanted.connect(flow.cancel)
        sheet.offset_chosen.connect(self._move_recordings)
        flow.progressed.connect(sheet.show_progress)
        flow.measured.connect(sheet.show_result)
        flow.failed.connect(self._calibration_failed)
        return sheet

    def _calibration_failed(self, sentence: str) -> None:
        if self.sheet is not None:
            self.sheet.show_result(None)
            self.sheet.show_problem(sentence)

    def _move_recordings(self, milliseconds: float) -> None:
        self._preferences.change(record_offset_ms=milliseconds)
        if self.sheet is not None:
            self.sheet.show_offset(milliseconds)

    def follow_clock(self, name: str) -> None:
        """Follow this input's clock, "" for none."""
        self._preferences.change(clock_input=name)
        self.following.choose(name)
