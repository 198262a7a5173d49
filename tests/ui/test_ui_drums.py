"""A drum track in the window: the drummer that ships goes on with it, and no other model does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from musegen_app.editor.asking import FillMode
from musegen_app.encoding.drums import DRUMS as INSTRUMENT
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.note_events import NoteEventGenerator
from musegen_app.generate.provenance import Origin, record_of
from musegen_app.generate.registry import Listing
from musegen_app.generate.request import GenerateRequest
from musegen_app.score import DRUM_CHANNEL, Change, Generation, Key, Note, Track, TrackEdit
from musegen_app.ui.drum_names import drum_label
from musegen_app.ui.flows.generating import NOT_HEARD
from musegen_app.ui.flows.replaying import origin_of_replay
from musegen_app.ui.panels.fill_box import DRUM_MODES
from musegen_app.ui.panels.generate import NO_DRUMMER
from musegen_app.ui.panels.model_menu import FOR_DRUMS, FOR_PITCHES
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.panels.wish import Mode
from musegen_app.ui.presenters.continuing import NO_STROKES

DRUMS = Path(__file__).parents[2] / "models" / "drums"
QUARTER, EIGHTH, BAR = 960, 480, 3840
TUNE, KIT = 1, 2
MUTED = True


@pytest.fixture
def band(stage):
    """Four bars of a tune, and a drum track of two bars that is not the active one."""
    stage.draw(*(Note(i * QUARTER, QUARTER, 72 + i % 5) for i in range(16)))
    beat = [Note(i * EIGHTH, 60, pitch, 60 + 20 * (i % 2)) for i in range(16) for pitch in (42, 36 if i % 4 == 0 else 38)]
    notes = stage.document.score.new_notes(beat)
    stage.document.edit("Add", Change((TrackEdit(1, None, Track(KIT, "Kit", DRUM_CHANNEL, notes=notes)),)))
    manifest = Manifest.read(DRUMS)
    stage.real["drums"] = lambda: NoteEventGenerator(manifest)
    stage.models = Listing((*stage.models.models, manifest), ())
    stage.studio.refresh_models()
    stage.until(lambda: stage.studio.continuing.has_model("drums"))
    stage.preferences.change(takes=1)
    stage.studio.panel.takes.number.set_value(1)
    stage.studio.panel.length.set_value(2)
    return stage


def rows(notes):
    return [(note.start, note.length, note.pitch, note.velocity) for note in notes]


def begun(stage) -> None:
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


def offered(stage) -> dict[str, bool]:
    menu = QMenu()
    stage.studio.panel.fill_models(menu)
    found = {action.text(): action.isEnabled() for action in menu.actions()}
    tips = " ".join(action.toolTip() for action in menu.actions() if not action.isEnabled())
    assert (FOR_PITCHES if stage.studio.panel.is_for_drums else FOR_DRUMS) in tips
    menu.deleteLater()
    return found


def test_the_active_track_says_which_model_is_used_and_what_can_be_asked(band) -> None:
    panel, title = band.studio.panel, band.models.models[-1].title
    of_pitch = (panel.range, panel.stay)
    assert panel.model.name == "scale"
    assert offered(band) == {"Scale": True, title: False}
    assert not any(widget.isHidden() for widget in of_pitch)
    assert panel.drums.isHidden()
    band.document.set_active_track(KIT)
    assert (panel.model.name, panel.wish.model) == ("drums", "drums")
    assert offered(band) == {"Scale": False, title: True}
    assert all(widget.isHidden() for widget in (*of_pitch, panel.ending, panel.parts_row, panel.follow))
    assert not panel.drums.isHidden()
    assert panel.take.words[0] == ""
    panel.style_choice.set_value("jazz")
    panel.changed.emit()
    assert (band.preferences.value.style, band.preferences.value.drum_style) == ("", "jazz")
    band.document.set_active_track(TUNE)
    assert panel.model.name == "scale"
    assert not any(widget.isHidden() for widget in of_pitch)
    assert band.preferences.value.model == ""


def test_a_drum_track_goes_on_with_drums_alone_and_undo_takes_them_back(band) -> None:
    document = band.document
    tune, before = document.score.track(TUNE).notes, document.score.track(KIT).notes
    document.set_active_track(KIT)
    band.do("continue")
    begun(band)
    request = document.take.request
    assert (request.model, request.key, request.chords, document.take.track_id) == ("drums", None, (), KIT)
    assert request.notes == before
    heard = document.heard_score()
    assert len(heard.track(KIT).notes) > len(before)
    assert heard.track(TUNE).notes == tune
    document.set_active_track(TUNE)  # where they go does not depend on what is looked at meanwhile
    band.do("accept")
    kit = document.score.track(KIT)
    assert (kit.channel, document.score.track(TUNE).notes) == (DRUM_CHANNEL, tune)
    new = kit.notes.take(kit.notes.start >= request.span[0])
    assert len(new) == len(kit.notes) - len(before)
    assert set(new.pitch.tolist()) <= set(range(35, 82))
    band.do("undo")
    assert document.score.track(KIT).notes == before


def test_a_tune_is_written_by_the_other_model_and_never_on_the_drum_track(band) -> None:
    before = band.document.score.track(KIT).notes
    band.do("continue")
    begun(band)
    assert band.document.take.request.model == "scale"
    band.document.set_active_track(KIT)
    band.do("accept")
    assert band.document.score.track(KIT).notes == before
    assert len(band.document.score.track(TUNE).notes) > 16


def test_a_gap_of_drums_keeps_its_rhythm(band) -> None:
    document, panel = band.document, band.studio.panel
    document.set_active_track(KIT)
    panel.tabs.choose(Mode.FILL)
    document.set_loop((BAR, 2 * BAR))
    shown = {mode for mode in FillMode if not panel.fill.modes.button(mode).isHidden()}
    assert shown == set(DRUM_MODES)
    before = document.score.track(KIT).notes
    old = before.take(before.starting_in(BAR, 2 * BAR))
    panel.fill.modes.button(FillMode.RHYTHM).click()
    band.do("fill")
    begun(band)
    band.do("accept")
    new = document.score.track(KIT).notes.take(document.score.track(KIT).notes.starting_in(BAR, 2 * BAR))
    assert sorted((start, length) for start, length, *_ in rows(new)) == sorted((s, n) for s, n, *_ in rows(old))
    document.set_active_track(TUNE)
    assert panel.fill.modes.isHidden()  # the other model has no ways to choose from


def test_heat_and_surprise_are_told_of_drums(band) -> None:
    insight = band.studio.insight
    band.document.set_active_track(KIT)
    insight.switch(heat=True, surprise=True)
    band.until(lambda: insight.heat is not None and insight.surprise is not None)
    assert set(insight.surprise.ids.tolist()) == set(band.document.score.track(KIT).notes.id.tolist())
    insight.switch(heat=False, surprise=False)


def test_takes_of_drums_are_ranked(band) -> None:
    band.document.set_active_track(KIT)
    band.studio.panel.takes.number.set_value(3)
    band.do("continue")
    begun(band)
    band.until(lambda: all(take.verdict is not None for take in band.document.shelf.takes))
    assert sorted(take.verdict.rank for take in band.document.shelf.takes) == [1, 2, 3]


def test_why_drums_do_not_go_on_is_said(band) -> None:
    document, panel = band.document, band.studio.panel
    document.set_active_track(KIT)
    band.studio.tracks.mute(KIT, MUTED)
    assert panel.take.words[0] == NOT_HEARD
    band.do("undo")
    document.edit("Clear", Change.of_notes(KIT, removed=document.score.track(KIT).notes))
    assert panel.take.words[0] == NO_STROKES
    band.do("undo")
    band.models = replace(band.models, models=band.models.models[:1])
    band.studio.refresh_models()
    band.until(lambda: not band.studio.continuing.has_model("drums"))
    assert panel.take.words[0] == NO_DRUMMER
    assert panel.model is None


def test_a_drummer_just_trained_is_used_for_drums_and_no_other_track(band) -> None:
    band.studio._use_new_model("drums")
    band.until(lambda: band.preferences.value.drum_model == "drums")
    assert (band.preferences.value.model, band.studio.panel.model.name) == ("", "scale")


def test_what_the_drummer_would_have_struck_is_called_by_its_names(band) -> None:
    thinking = band.studio.thinking
    band.document.set_active_track(KIT)
    band.document.select([int(band.document.active_track.notes.id[1])])
    own = drum_label(band.document.selected[0].pitch)
    band.do("alternatives")
    band.until(lambda: not thinking.box.isHidden())
    offered = [drum_label(candidate.pitch) for candidate in thinking.box.candidates]
    assert thinking.box.accessibleName().startswith(f"Instead of {own}: {offered[0]} ")
    assert all(offered)
    thinking.box.try_row(0)
    assert thinking.box.accessibleDescription().startswith(offered[0])
    band.do("heat_map")
    band.until(lambda: band.studio.insight.heat is not None)
    roll = band.studio.roll
    x, y = roll.view.viewport.x_of(band.studio.insight.heat.start_tick) + 2, roll.view.viewport.y_of(38) + 2
    assert roll.canvas.pointing.words_at(QPointF(x, y)).startswith("Snare if a note comes here")
    band.document.set_active_track(TUNE)
    assert roll.view.name_of(38) == "D2"


def test_the_rows_of_the_drum_track_are_not_tinted_for_the_key(band) -> None:
    band.document.key_lock = Key(0, "major")
    canvas = band.studio.roll.canvas
    canvas.set_key(Key(0, "major"))
    view = band.studio.roll.view

    def colour(pitch: int) -> str:
        return canvas.grab().toImage().pixelColor(3, round(view.viewport.y_of(pitch) + view.viewport.row_px / 2)).name()

    band.document.select([])
    root = view.palette.row_root.lower()
    assert colour(60) == root
    band.document.set_active_track(KIT)
    assert colour(48) != root


def test_what_a_drummer_drew_is_drawn_again_for_drums_also_by_a_record_that_does_not_say_so(band) -> None:
    asked = GenerateRequest(band.document.score.track(KIT).notes, band.document.score.timeline, 2, model="drums")
    record = record_of(Origin(asked, track_id=99))
    assert "instrument" not in record
    models = {manifest.name: manifest for manifest in band.models.models}
    assert origin_of_replay(Generation(1, record), band.document.score, models).origin.instrument == INSTRUMENT
