"""The window's commands, as a table."""

from __future__ import annotations

from typing import Final, Protocol

from musegen_app.ui.actions import Command, Slot
from musegen_app.ui.flows.files import Files
from musegen_app.ui.flows.generating import Generating
from musegen_app.ui.flows.insight import Insight
from musegen_app.ui.flows.playing import Playing
from musegen_app.ui.flows.track_edits import TrackEdits

SWING_TIP: Final = "MIDI files that are exported or dragged out sound as heard; without it they hold the notes as drawn"


class Edits(Protocol):
    """What the Edit and View menus ask of the document and the roll."""

    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def cut(self) -> None: ...
    def copy(self) -> None: ...
    def paste(self) -> None: ...
    def delete(self) -> None: ...
    def duplicate(self) -> None: ...
    def select_all(self) -> None: ...
    def quantise(self) -> None: ...
    def toggle_loop(self) -> None: ...
    def mark_start(self) -> None: ...
    def mark_end(self) -> None: ...
    def zoom_in(self) -> None: ...
    def zoom_out(self) -> None: ...
    def fit(self) -> None: ...


class Views(Protocol):
    """What the commands ask of the window."""

    def begin_continuation(self) -> None: ...
    def begin_fill(self) -> None: ...
    def begin_again(self) -> None: ...
    def open_training(self) -> None: ...
    def toggle_metronome(self) -> None: ...
    def toggle_count_in(self) -> None: ...
    def fold_left(self) -> None: ...
    def fold_right(self) -> None: ...
    def choose_theme(self, choice: str) -> None: ...
    def show_keys(self) -> None: ...
    def close_window(self) -> None: ...
    def export_sound(self) -> None: ...
    def toggle_export_swing(self) -> None: ...
    def rename_track(self) -> None: ...


def command_table(
    files: Files,
    playing: Playing,
    generating: Generating,
    insight: Insight,
    tracks: TrackEdits,
    edits: Edits,
    views: Views,
) -> tuple[Command, ...]:
    """Every command, in the order of the menus."""
    return (
        *_file_rows(files, views),
        *_edit_rows(edits, tracks, views),
        *_play_rows(playing, edits, views),
        *_continue_rows(generating, edits, views),
        *_view_rows(edits, views),
        *_insight_rows(insight),
        Command("keys", "Help", "Keys and gestures", ("?", "F1"), views.show_keys),
    )


def _file_rows(files: Files, views: Views) -> tuple[Command, ...]:
    return (
        Command("new", "File", "New", ("Ctrl+N",), files.new),
        Command("open", "File", "Open…", ("Ctrl+O",), files.open),
        Command("save", "File", "Save", ("Ctrl+S",), files.save, gap=True),
        Command("save_as", "File", "Save as…", ("Ctrl+Shift+S",), files.save_as),
        Command("export", "File", "Export MIDI…", ("Ctrl+E",), files.export_midi),
        Command("export_wav", "File", "Export WAV…", ("Ctrl+Shift+E",), views.export_sound),
        Command("export_swing", "File", "Swing in MIDI files", (), views.toggle_export_swing, SWING_TIP, checkable=True),
        Command("quit", "File", "Quit", ("Ctrl+Q",), views.close_window, gap=True),
    )


def _edit_rows(edits: Edits, tracks: TrackEdits, views: Views) -> tuple[Command, ...]:
    return (
        Command("undo", "Edit", "Undo", ("Ctrl+Z",), edits.undo),
        Command("redo", "Edit", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), edits.redo),
        Command("cut", "Edit", "Cut", ("Ctrl+X",), edits.cut, gap=True),
        Command("copy", "Edit", "Copy", ("Ctrl+C",), edits.copy),
        Command("paste", "Edit", "Paste at the playhead", ("Ctrl+V",), edits.paste),
        Command("delete", "Edit", "Delete", ("Del", "Backspace"), edits.delete),
        Command("duplicate", "Edit", "Duplicate", ("Ctrl+D",), edits.duplicate),
        Command("select_all", "Edit", "Select all", ("Ctrl+A",), edits.select_all),
        Command("quantise", "Edit", "Quantise to the grid", ("Q",), edits.quantise, gap=True),
        Command("add_track", "Edit", "Add track", ("Ctrl+T",), tracks.add, gap=True),
        Command("rename_track", "Edit", "Rename track", ("F2",), views.rename_track),
    )


def _play_rows(playing: Playing, edits: Edits, views: Views) -> tuple[Command, ...]:
    return (
        Command("play", "Play", "Play or pause", ("Space",), playing.toggle, checkable=True),
        Command("stop", "Play", "Stop", ("Shift+Space",), playing.stop),
        Command("to_start", "Play", "Return to start", ("Home",), playing.to_start),
        Command("loop", "Play", "Loop", ("L",), edits.toggle_loop, checkable=True, gap=True),
        Command("metronome", "Play", "Metronome", ("M",), views.toggle_metronome, checkable=True),
        Command(
            "count_in", "Play", "Count in", ("Shift+M",), views.toggle_count_in, "Bars before the music", checkable=True
        ),
        Command("panic", "Play", "Panic", ("Ctrl+.",), playing.panic, "Silence every note on every channel", gap=True),
    )


def _continue_rows(generating: Generating, edits: Edits, views: Views) -> tuple[Command, ...]:
    return (
        Command("continue", "Continue", "Continue", ("Ctrl+Return", "C"), views.begin_continuation),
        Command("fill", "Continue", "Fill the loop or the selection", ("F",), views.begin_fill),
        Command(
            "mark_start", "Continue", "Fill from here", ("[",), edits.mark_start, "What is filled begins at the playhead"
        ),
        Command("mark_end", "Continue", "Fill to here", ("]",), edits.mark_end, "What is filled ends at the playhead"),
        Command("cancel", "Continue", "Cancel", (), generating.cancel, "Stop here and keep what has arrived"),
        Command("accept", "Continue", "Accept", ("Return", "Enter"), generating.accept, "Keep these notes", gap=True),
        Command("reject", "Continue", "Reject", ("Esc",), generating.reject, "Let these notes go"),
        Command("again", "Continue", "Again", ("G",), views.begin_again, "Another take in its place"),
        Command("train", "Continue", "Train a model…", ("Ctrl+Shift+T",), views.open_training, gap=True),
    )


def _insight_rows(insight: Insight) -> tuple[Command, ...]:
    return (
        Command(
            "alternatives",
            "Continue",
            "Alternatives to a note…",
            ("A",),
            insight.want_alternatives,
            "What else the model would have written for the note chosen, or the next ghost",
            gap=True,
        ),
        Command(
            "heat_map",
            "View",
            "Heat map",
            ("H",),
            insight.toggle_heat,
            "Where the model expects the next note",
            checkable=True,
            gap=True,
        ),
        Command(
            "surprise",
            "View",
            "Surprise tint",
            ("U",),
            insight.toggle_surprise,
            "How much each note surprises the model",
            checkable=True,
        ),
    )


def _view_rows(edits: Edits, views: Views) -> tuple[Command, ...]:
    def theme(choice: str) -> Slot:
        return lambda: views.choose_theme(choice)

    return (
        Command("zoom_in", "View", "Zoom in", ("Ctrl++", "Ctrl+="), edits.zoom_in),
        Command("zoom_out", "View", "Zoom out", ("Ctrl+-",), edits.zoom_out),
        Command("fit", "View", "Show everything", ("Ctrl+0",), edits.fit),
        Command("fold_left", "View", "Tracks panel", ("Ctrl+Shift+L",), views.fold_left, checkable=True, gap=True),
        Command("fold_right", "View", "Continue panel", ("Ctrl+Shift+R",), views.fold_right, checkable=True),
        Command("theme_system", "View", "Colours of the system", (), theme("system"), checkable=True, gap=True),
        Command("theme_light", "View", "Light", (), theme("light"), checkable=True),
        Command("theme_dark", "View", "Dark", (), theme("dark"), checkable=True),
    )
