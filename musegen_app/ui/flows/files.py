"""Open, save, export, drop: files in and out of the document, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from musegen_app.editor.document import Document
from musegen_app.editor.kept_takes import TakeRecords, kept_of
from musegen_app.errors import MuseGenError
from musegen_app.files import Project, write_midi, write_project
from musegen_app.files.provenance import texts_of
from musegen_app.score import Score, as_played
from musegen_app.settings import Settings
from musegen_app.ui.background import Background
from musegen_app.ui.dialogs import Answer, Asks
from musegen_app.ui.flows.opening import PROJECT, Opened, open_file
from musegen_app.ui.flows.track_edits import TrackEdits

UNTITLED: Final = "Untitled"
_SHOWN_REPAIRS: Final = 2


class Files(QObject):
    """``told`` carries a sentence for the notice, ``hinted`` one for the status line, ``used`` a path to remember."""

    told = Signal(str)
    hinted = Signal(str)
    used = Signal(Path)
    loaded = Signal()

    def __init__(
        self, document: Document, tracks: TrackEdits, background: Background, asks: Asks, settings: Callable[[], Settings]
    ) -> None:
        super().__init__()
        self._document, self._tracks, self._background, self._asks = document, tracks, background, asks
        self._settings = settings
        self._settle: Callable[[], None] = lambda: None
        self._takes = TakeRecords()

    @property
    def title(self) -> str:
        """What the piece is called."""
        path: Path | None = self._document.path
        return path.stem if path else self._document.score.title or UNTITLED

    def project(self) -> Project:
        """The piece as a project."""
        document = self._document
        return Project(
            document.score,
            document.loop,
            document.active_track_id,
            document.key_lock,
            provenance=document.sources.provenance,
            takes=self._takes.of(document.shelf, document.sources),
        )

    # --- in -----------------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty piece."""
        if self.may_lose():
            self._document.load(Score(), None)
            self.loaded.emit()

    def open(self) -> None:
        """Ask for a file and open it."""
        path = self._asks.open_path(self._folder())
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Open a file; unsaved changes are asked about first."""
        if self.may_lose():
            self._read(path, self._unless_lost(self._show))

    def open_seed(self, path: Path) -> None:
        """Begin with a demo seed, which is none of the musician's files."""
        if self.may_lose():
            self._read(path, self._unless_lost(self._take_up))

    def drop(self, path: Path, at_tick: int) -> None:
        """A file was dropped: it opens where nothing would be lost, else its tracks go in at a tick."""
        if not self._document.score.note_count or path.suffix.lower() == PROJECT:
            self.open_path(path)
        else:
            self._read(path, lambda opened: self._insert(opened, at_tick))

    def restore(self, project: Project, path: Path | None) -> bool:
        """Take up a piece that was not saved; it stays unsaved. Whether it was: what was drawn since is asked about."""
        if not self.may_lose():
            return False
        self._load(project, path, modified=True)
        self._set_active(project)
        self.loaded.emit()
        return True

    # --- out ----------------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Save the project where it lies, asking where it has no place yet; whether it was saved."""
        path: Path | None = self._document.path
        return self._save(path) if path and path.suffix.lower() == PROJECT else self.save_as()

    def save_as(self) -> bool:
        """Ask where to save, and save; whether it was."""
        path = self._asks.project_path(self._suggestion(PROJECT))
        return path is not None and self._save(path)

    def export_midi(self) -> None:
        """Ask where, and write a MIDI file."""
        path = self._asks.midi_path(self._suggestion(".mid"))
        if path is not None and self._written(lambda: write_midi(self.exported(), path, texts=self.texts())):
            self.hinted.emit(f"Exported {path.name}{self.swing_words}")

    def exported(self) -> Score:
        """What a MIDI file holds: the piece as heard, or as drawn, as the musician chose."""
        score = self._document.score
        return as_played(score) if self._settings().export_swing else score

    @property
    def swing_words(self) -> str:
        """What is to be said of a MIDI file of a piece that swings."""
        if not self._document.score.timeline.swing.percent:
            return ""
        return ", swung" if self._settings().export_swing else ", straight"

    def texts(self) -> tuple[str, ...]:
        """What a MIDI file tells of where its generated notes came from."""
        return texts_of(self._document.sources.provenance, self.exported())

    def sound_path(self) -> Path | None:
        """Ask where to write a WAV file, None for nowhere."""
        return self._asks.sound_path(self._suggestion(".wav"))

    def settle_first(self, settle: Callable[[], None]) -> None:
        """Before a piece is left, ``settle`` puts into it what is still on its way (a take that is being recorded)."""
        self._settle = settle

    def may_lose(self) -> bool:
        """Whether the piece may be let go: it is saved, the user saves it now, or does not mind."""
        self._settle()
        if not self._document.is_modified:
            return True
        answer = self._asks.unsaved(self.title)
        return answer is Answer.DISCARD or (answer is Answer.SAVE and self.save())

    # --- inside -------------------------------------------------------------------------------------------------------

    def _read(self, path: Path, then: Callable[[Opened], None]) -> None:
        self.hinted.emit(f"Reading {path.name}…")
        self._background.run(partial(open_file, path), then, lambda error: self._tell(str(error)))

    def _unless_lost(self, then: Callable[[Opened], None]) -> Callable[[Opened], None]:
        """Reading takes a while: ask again when notes were drawn meanwhile."""
        before = self._document.score

        def take_up(opened: Opened) -> None:
            if self._document.score is before or self.may_lose():
                then(opened)

        return take_up

    def _show(self, opened: Opened) -> None:
        self.used.emit(opened.path)
        self._take_up(opened)

    def _take_up(self, opened: Opened) -> None:
        project = opened.project
        path = opened.path if opened.is_project else None
        self._load(project, path)
        self._set_active(project)
        self._tell_repairs(opened)
        self.loaded.emit()

    def _load(self, project: Project, path: Path | None, *, modified: bool = False) -> None:
        kept = kept_of(project.takes)
        self._document.load(
            project.score,
            path,
            loop=project.loop,
            key_lock=project.key_lock,
            provenance=project.provenance,
            kept=kept,
            modified=modified,
        )
        if kept.left_out:
            count = "One kept take is" if kept.left_out == 1 else f"{kept.left_out} kept takes are"
            self.told.emit(f"{count} damaged and could not be brought back.")

    def _insert(self, opened: Opened, at_tick: int) -> None:
        self._tracks.insert(opened.project.score, at_tick, opened.path.stem)
        self._tell_repairs(opened)

    def _set_active(self, project: Project) -> None:
        if project.active_track_id is not None:
            self._document.set_active_track(project.active_track_id)

    def _tell_repairs(self, opened: Opened) -> None:
        count = len(opened.repairs)
        self.hinted.emit("" if count else f"Read {opened.path.name}")
        if count:
            more = f" and {count - _SHOWN_REPAIRS} more" if count > _SHOWN_REPAIRS else ""
            shown = "; ".join(repair.rstrip(".") for repair in opened.repairs[:_SHOWN_REPAIRS])
            self.told.emit(f"{opened.path.name} was mended while reading: {shown}{more}.")

    def _save(self, path: Path) -> bool:
        project = self.project()
        titled = replace(project, score=replace(project.score, title=path.stem))
        if not self._written(lambda: write_project(titled, path)):
            return False
        self._document.mark_saved(path)
        self.used.emit(path)
        self.hinted.emit(f"Saved {path.name}")
        return True

    def _written(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except MuseGenError as error:
            self._tell(str(error))
            return False
        return True

    def _tell(self, sentence: str) -> None:
        self.hinted.emit("")
        self.told.emit(sentence)

    def _folder(self) -> str:
        return self._settings().folder

    def _suggestion(self, suffix: str) -> Path:
        path: Path | None = self._document.path
        folder = path.parent if path else Path(self._folder() or Path.home())
        return folder / f"{self.title}{suffix}"
