"""Reading a file of any kind the window opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from musegen_app.files import MidiRead, Project, read_midi, read_project
from musegen_app.files.notation import NOTATION_SUFFIXES, read_notation

PROJECT: Final = ".musegen"
MIDI: Final = (".mid", ".midi", ".kar", ".smf", ".rmi")
OPENED: Final = (PROJECT, *MIDI, *NOTATION_SUFFIXES)
"""Suffixes of the files the window opens."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file held. ``repairs`` are sentences about what was mended or left out."""

    path: Path
    project: Project
    repairs: tuple[str, ...] = ()

    @property
    def is_project(self) -> bool:
        """Whether Save may write over the file (exporting is what writes MIDI)."""
        return self.path.suffix.lower() == PROJECT


def open_file(path: Path) -> Opened:
    """Read a project, MIDI file or notation. Any thread; takes a while for notation.

    Raises:
        FileError: the file cannot be read.
    """
    opened = _read(path)
    if opened.project.score.title:
        return opened
    project = replace(opened.project, score=replace(opened.project.score, title=path.stem))
    return replace(opened, project=project)


def _read(path: Path) -> Opened:
    suffix = path.suffix.lower()
    if suffix == PROJECT:
        return Opened(path, read_project(path))
    read: MidiRead = read_notation(path) if suffix in NOTATION_SUFFIXES else read_midi(path)
    return Opened(path, Project(read.score, provenance=read.provenance), read.repairs)
