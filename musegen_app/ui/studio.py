"""The window as a whole: its parts wired together, its life, and the commands that are its own."""

from __future__ import annotations

from musegen_app.generate.registry import Listing
from musegen_app.jobs import JobEvent
from musegen_app.ui.parts import Parts, Rooms
from musegen_app.ui.presenters.continuing import NO_MODEL
from musegen_app.ui.shortcuts_sheet import ShortcutsSheet
from musegen_app.ui.wiring import Wiring


class Studio(Parts):
    """The window as a whole: its parts wired, its life, and its own commands. UI thread only; close it before the rooms."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms, self)
        self._agreed = False
        self._wiring = Wiring(self)
        self._wire_training()
        self.window.closed.connect(self._agree)
        self._show_theme()

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """What waits until the window has shown: the player's clock, and what a crash left behind."""
        self.roll.canvas.setFocus()
        preferences = self.rooms.preferences.value
        self.actions["metronome"].setChecked(preferences.metronome)
        self.playing.set_metronome(on=preferences.metronome)
        self.actions["export_swing"].setChecked(preferences.export_swing)
        self.beat.start()
        self.record.start()
        self.playing.start(preferences.port)
        self.midi.start()
        self._list_models()
        self.rooms.background.run(self.autosave.left_behind, self.restoring.offer, lambda _error: None)

    def models_listed(self, listing: Listing) -> None:
        """The models were found."""
        self.continuing.show_models(listing)
        if not listing.models:
            self.tell(str(listing.broken[0]) if listing.broken else NO_MODEL)

    def refresh_models(self) -> None:
        """Models came, went or changed (a training ended): list them anew, and load anew what is used."""
        self.rooms.worker.forget()
        self._list_models()

    def _list_models(self) -> None:
        self.rooms.background.run(self.rooms.list_models, self.models_listed, lambda error: self.tell(str(error)))

    def receive(self, event: JobEvent) -> None:
        """An event of the worker, on the UI thread."""
        self.generating.receive(event)
        self.insight.receive(event)
        self.jam.jamming.receive(event)

    def close(self) -> None:
        """Stop listening. The rooms are still there, and are closed by who made them.

        A piece nobody agreed to lose (the system ended the program) is kept for the next start.
        """
        self._wiring.close()
        self.jam.close()
        self.record.close()
        self.sound.close()
        self.train.close()
        self.midi.close()
        self.playing.close()
        self.thinking.close()
        self.taking.close()
        self.key.close()
        self.beat.close()
        self.status.close()
        self.autosave.close(keep=self.document.is_modified and not self._agreed)
        self.clips.close()

    # --- commands -----------------------------------------------------------------------------------------------------

    def begin_continuation(self) -> None:
        """Continue, or say why not."""
        self.continuing.begin()

    def begin_fill(self) -> None:
        """Fill the loop or the selection, or say why not."""
        self.continuing.begin_fill()

    def begin_again(self) -> None:
        """Another take of what was asked for last."""
        self.continuing.begin_again()

    def open_training(self) -> None:
        """Show the window in which models are trained."""
        self.train.open()

    def toggle_metronome(self) -> None:
        """Click, or not."""
        on = self.actions["metronome"].isChecked()
        self.rooms.preferences.change(metronome=on)
        self.playing.set_metronome(on=on)

    def toggle_count_in(self) -> None:
        """Count in before playing, or not."""
        self.beat.toggle_count_in()

    def fold_left(self) -> None:
        """Fold the tracks."""
        self.window.fold_left()

    def fold_right(self) -> None:
        """Fold the generate panel."""
        self.window.fold_right()

    def choose_theme(self, choice: str) -> None:
        """Light, dark or as the system."""
        self.rooms.preferences.change(theme=choice)
        self.rooms.appearance.choose(choice)
        self._show_theme()

    def show_keys(self) -> None:
        """Open the sheet of keys."""
        ShortcutsSheet(self.table, self.window).open()

    def close_window(self) -> None:
        """Close, which asks about unsaved changes."""
        self.window.close()

    def export_sound(self) -> None:
        """Write a WAV file of the piece."""
        self.sound.begin()

    def toggle_export_swing(self) -> None:
        """Write MIDI files as heard, or as drawn."""
        self.rooms.preferences.change(export_swing=self.actions["export_swing"].isChecked())

    def rename_track(self) -> None:
        """Rename the active track."""
        for row in self.track_panel.rows:
            if row.track.id == self.document.active_track_id:
                row.begin_renaming()

    def _show_theme(self) -> None:
        for choice in ("system", "light", "dark"):
            self.actions[f"theme_{choice}"].setChecked(choice == self.rooms.appearance.choice)

    # --- training and leaving -----------------------------------------------------------------------------------------

    def _wire_training(self) -> None:
        self.panel.train_requested.connect(self.open_training)
        self.train.model_made.connect(self._use_new_model)
        self.train.told.connect(self.tell)
        self.train.left.connect(self.close_window)

    def _use_new_model(self, name: str) -> None:
        self.rooms.preferences.change(model=name)
        self.refresh_models()

    def _agree(self) -> None:
        self._agreed = True
