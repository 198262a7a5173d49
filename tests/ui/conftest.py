"""The whole window over the real document, roll and worker; only the engine and the user's answers are stood in for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jack_server import jack, receiver
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from takes_scene import Random

from musegen_app.editor.document import Document
from musegen_app.generate import FAMILIES, Control, Family, GeneratedNote, GenerateRequest
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import Listing
from musegen_app.generate.request import Generator
from musegen_app.jobs import GenerationWorker, JobEvent
from musegen_app.midi_io.devices import PortList
from musegen_app.playback.client import PlayerStatus
from musegen_app.playback.metronome import Click
from musegen_app.score import Change, Note, NoteTable, Score
from musegen_app.settings import Settings
from musegen_app.ui.appearance import Appearance
from musegen_app.ui.background import Background
from musegen_app.ui.bridge import Bridge
from musegen_app.ui.dialogs import Answer, TrainingAnswer
from musegen_app.ui.parts import Rooms
from musegen_app.ui.preferences import Preferences
from musegen_app.ui.studio import Studio

__all__ = ["jack", "receiver"]
QUARTER = 960


class StillPlayer:
    """The player at its protocol: remembers what it was told, its clock stands where the test puts it."""

    def __init__(self) -> None:
        self.told: list[tuple] = []
        self.bpm = 0.0
        self.counts_in = 0
        self.tick = 0.0
        self.is_playing = False
        self.now = PlayerStatus()
        self.port_list = PortList(("Prophet-6", "Volca"))

    def ports(self) -> PortList:
        return self.port_list

    def open_port(self, name: str) -> None:
        self.told.append(("port", name))

    def play(
        self, score: Score, from_tick: int, loop=None, *, metronome: bool = False, count_in_bars: int = 0, began_s=None
    ) -> None:
        self.is_playing, self.tick, self.began_s = True, float(from_tick), began_s
        self.bpm = score.timeline.tempo_at(0).bpm
        self.counts_in = count_in_bars
        self.told.append(("play", score.note_count, from_tick, loop, metronome))

    def set_click(self, click: Click) -> None:
        self.told.append(("click", click))

    def update(self, score: Score) -> None:
        self.bpm = score.timeline.tempo_at(0).bpm
        self.told.append(("update", score.note_count))

    def stop(self) -> None:
        self.is_playing = False
        self.told.append(("stop",))

    def seek(self, tick: int) -> None:
        self.tick = float(tick)
        self.told.append(("seek", tick))

    def note_on(self, channel: int, pitch: int, _velocity: int, _port: str = "") -> None:
        self.told.append(("on", channel, pitch))

    def note_off(self, channel: int, pitch: int, _port: str = "") -> None:
        self.told.append(("off", channel, pitch))

    def send(self, message: tuple[int, ...], port: str = "") -> None:
        self.told.append(("send", message, port))

    def panic(self) -> None:
        self.told.append(("panic",))

    def tick_at(self, _clock_s: float) -> float:
        return self.tick

    def send_clock(self, ports: tuple[str, ...]) -> None:
        self.told.append(("clock", ports))

    def position_tick(self) -> float:
        return self.tick

    def status(self) -> PlayerStatus:
        return self.now

    def poll(self) -> None:
        pass


class Scale:
    """A generator at the protocol: quarters up the scale from the span's start, as many as fit."""

    name = "scale"

    def __init__(self) -> None:
        self.requests: list[GenerateRequest] = []
        self.hold: Callable[[int], None] = lambda _index: None

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        self.requests.append(request)
        start, end = request.span
        for index, tick in enumerate(range(start, end, QUARTER)):
            self.hold(index)
            if cancelled():
                return
            yield GeneratedNote(request.id, 0, Note(tick, QUARTER, 60 + index % 12), -1.0)


class Filler(Scale):
    """One that fills: eighths, told in the order of their ends, with energies and a remark."""

    name = "filler"

    def generate(self, request: GenerateRequest, cancelled: Callable[[], bool]) -> Iterator[GeneratedNote]:
        self.requests.append(request)
        start, end = request.span
        notes = [Note(start, end - start, 90), *(Note(t, QUARTER // 2, 80) for t in range(start, end, QUARTER))]
        for index, note in enumerate(sorted(notes, key=lambda note: note.end)):
            self.hold(index)
            if cancelled():
                return
            yield GeneratedNote(request.id, 0, note, -1.0, -41.0)

    def remarks(self, request: GenerateRequest) -> tuple[str, ...]:
        unknown = len(request.notes) // 8
        return (f"{unknown} chords of the seed are unknown to this model; it hears the nearest it knows.",)


CONTINUING = Family("continuing", "Scales", "note", lambda _manifest: Scale())

FILLING = Family(
    "filling", "Gap filler", "step", lambda _manifest: Filler(),
    (Control("chain", "Chain", "Gibbs steps", 5, 50, 20, 5), Control("calm", "Calm", "", 0, 1, 1, 1)),
    can_fill=True, has_temperature=False, has_styles=False,
)  # fmt: skip


def held_at(index: int, gate: threading.Event) -> Callable[[int], None]:
    """A pace slow enough that each note is told by itself, and a stop before note ``index`` until the gate opens."""

    def hold(at: int) -> None:
        if at < index:
            time.sleep(0.02)
        else:
            gate.wait(20)

    return hold


class Answers:
    """Who answers the window's questions."""

    def __init__(self, folder: Path) -> None:
        self.to_open: Path | None = None
        self.to_project: Path | None = folder / "piece.musegen"
        self.to_midi: Path | None = folder / "piece.mid"
        self.about_unsaved = Answer.DISCARD
        self.to_learn: Path | None = None
        self.about_training = TrainingAnswer.CANCEL
        self.discards = True
        self.asked: list[str] = []

    def open_path(self, _folder: str) -> Path | None:
        return self.to_open

    def project_path(self, suggestion: Path) -> Path | None:
        self.asked.append(suggestion.name)
        return self.to_project

    def midi_path(self, suggestion: Path) -> Path | None:
        self.asked.append(suggestion.name)
        return self.to_midi

    def sound_path(self, suggestion: Path) -> Path | None:
        self.asked.append(suggestion.name)
        return self.to_midi and self.to_midi.with_suffix(".wav")

    def unsaved(self, title: str) -> Answer:
        self.asked.append(title)
        return self.about_unsaved

    def training_folder(self, _folder: str) -> Path | None:
        return self.to_learn

    def leave_training(self, title: str) -> TrainingAnswer:
        self.asked.append(title)
        return self.about_training

    def discard_training(self, title: str) -> bool:
        self.asked.append(title)
        return self.discards


class Stage:
    """The studio and everything the tests look at."""

    def __init__(self, app: QApplication, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.player, self.generator, self.answers = StillPlayer(), Scale(), Answers(folder)
        self.filler = Filler()
        self.real: dict[str, Callable[[], Generator]] = {}
        self.loaded: list[str] = []
        self.background = Background()
        self.appearance = Appearance(app, "dark")
        self.preferences = Preferences(Settings(theme="dark"))
        self.events: Bridge[JobEvent] = Bridge(self._receive)
        self.worker = GenerationWorker(self._load, self.events.post)
        self.document = Document()
        self.models = Listing((Manifest("scale", "Scale", CONTINUING.name, folder, licence="CC0"),), ())
        self.filling = Manifest("filler", "Filler", "filling", folder, ("pop",), metrics={"nats_per_step": 0.8})
        rooms = Rooms(
            self.document,
            self.player,
            self.worker,
            self.background,
            self.answers,
            self.appearance,
            self.preferences,
            lambda: self.models,
        )
        self.studio = Studio(rooms)
        self.window = self.studio.window

    def _load(self, model: str) -> Generator:
        self.loaded.append(model)
        if model in self.real:
            return self.real[model]()
        return self.filler if model == "filler" else self.generator

    def add_filler(self) -> None:
        """A second model is installed, of a family that fills, and the list is read again."""
        self.models = Listing((*self.models.models, self.filling), ())
        self.studio.refresh_models()
        self.until(lambda: self.studio.continuing.has_model("filler"))

    def _receive(self, event: JobEvent) -> None:
        self.studio.receive(event)

    def show(self) -> None:
        self.window.show()
        self.qtbot.waitExposed(self.window)
        self.studio.start()
        self.qtbot.waitUntil(lambda: bool(self.studio.panel.wish.model) or not self.models.models)

    def draw(self, *notes: Note) -> None:
        """Put notes into the piece, as one step."""
        added = self.document.score.new_notes(list(notes) or [Note(i * QUARTER, QUARTER, 60 + i) for i in range(4)])
        self.document.edit("Draw", Change.of_notes(self.document.active_track_id, added=added))

    def hold_at(self, index: int, gate: threading.Event) -> None:
        """The model stops before note ``index`` until the gate opens."""
        self.generator.hold = held_at(index, gate)

    def do(self, name: str) -> None:
        """Trigger a command."""
        self.studio.actions[name].trigger()

    def until(self, ready: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(ready, timeout=20_000)

    @property
    def notes(self) -> NoteTable:
        return self.document.active_track.notes

    def close(self) -> None:
        self.studio.close()
        self.worker.close()
        self.events.close()
        self.background.close()
        self.appearance.close()
        self.preferences.close()
        self.window.deleteLater()


@pytest.fixture
def still_player() -> StillPlayer:
    """A player whose clock stands where the test puts it."""
    return StillPlayer()


@pytest.fixture
def scale() -> Scale:
    """A model that writes up the scale."""
    return Scale()


@pytest.fixture
def stage(qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(FAMILIES, CONTINUING.name, CONTINUING)
    monkeypatch.setitem(FAMILIES, FILLING.name, FILLING)
    made = Stage(qapp, qtbot, tmp_path)
    made.show()
    yield made
    made.close()
    qapp.setStyleSheet("")


@pytest.fixture
def many(stage: Stage) -> Stage:
    """The stage with a seed, and a model that draws by chance, in as many takes as are asked for."""
    stage.generator = Random()
    stage.worker.forget()
    stage.draw()
    return stage
