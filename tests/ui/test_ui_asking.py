"""Ways to fill, endings, the active track alone and the folded controls, clicked through in the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from musegen_app.editor.asking import FillMode
from musegen_app.editor.marks import Marks
from musegen_app.generate import FAMILIES, Family
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import Listing
from musegen_app.generate.steering import Steering
from musegen_app.score import Change, Note, Track, TrackEdit
from musegen_app.settings import Settings
from musegen_app.ui.controls.choice_row import ChoiceRow
from musegen_app.ui.controls.toggle import Toggle
from musegen_app.ui.flows.generating import NOT_HEARD
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.panels.wish import Mode
from musegen_app.ui.presenters.continuing import NO_MELODY, NO_NOTES, NO_REGION, OTHER_END, remembered

QUARTER, BAR = 960, 3840
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
GAP = (BAR, 3 * BAR)
ALONE, SHARED = True, False
MUTED = True


@pytest.fixture
def guided(stage, monkeypatch, tmp_path):
    """Four bars of a tune over a chord a bar, a bass on a track of its own, and a model that heeds everything."""
    family = FAMILIES["note-events"]
    controls, load = family.controls, lambda _manifest: stage.generator
    monkeypatch.setitem(
        FAMILIES, "guided", Family("guided", "Guided", "note", load, controls, can_fill=True, is_guided=True)
    )
    tune = [Note(i * QUARTER, QUARTER, 72 + i % 5) for i in range(16)]
    stage.draw(*tune, *(Note(bar * BAR, BAR, pitch) for bar in range(4) for pitch in (48, 52, 55)))
    score = stage.document.score
    bass = score.new_notes([Note(i * QUARTER, QUARTER, 36) for i in range(16)])
    stage.document.edit("Add", Change((TrackEdit(1, None, Track(2, "Bass", 1, 33, bass)),)))
    stage.models = Listing((*stage.models.models, Manifest("guided", "Guided", "guided", tmp_path)), ())
    stage.studio.refresh_models()
    stage.until(lambda: stage.studio.continuing.has_model("guided"))
    stage.studio.continuing.choose_model("guided")
    return stage


def ids(notes) -> set[int]:
    return set(notes.id.tolist())


def rows(notes) -> set[tuple[int, int, int]]:
    return {(note.start, note.length, note.pitch) for note in notes}


def fill(stage, mode: FillMode):
    """Choose a way to fill by a click, and fill; the request."""
    QTest.mouseClick(stage.studio.panel.fill.modes.button(mode), LEFT)
    QTest.mouseClick(stage.studio.panel.take.main, LEFT)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    return stage.generator.requests[-1]


# --- ways to fill -----------------------------------------------------------------------------------------------------


def in_gap(notes, *, above: int = 0, below: int = 128) -> set[tuple[int, int, int]]:
    return {row for row in rows(notes) if GAP[0] <= row[0] < GAP[1] and above < row[2] < below}


@pytest.mark.parametrize(
    ("mode", "above", "below", "keep", "register"),
    [
        (FillMode.MELODY, 60, 128, "", (68, 80)),
        (FillMode.CHORDS, 0, 60, "", (44, 71)),
        (FillMode.RHYTHM, 0, 128, "rhythm", (44, 80)),
        (FillMode.PITCHES, 0, 128, "pitches", (0, 127)),
    ],
)
def test_each_way_changes_its_own_notes_alone(
    guided, mode: FillMode, above: int, below: int, keep: str, register: tuple[int, int]
) -> None:
    stage = guided
    stage.document.set_loop(GAP)
    stage.studio.panel.tabs.choose(Mode.FILL)
    before, bass = stage.notes, stage.document.score.track(2).notes
    gone = in_gap(before, above=above, below=below)
    request = fill(stage, mode)
    assert (request.span, request.keep, request.pitch_range) == (GAP, keep, register)
    assert rows(request.kept) == (gone if keep else set())
    assert rows(bass) <= rows(request.standing)
    assert in_gap(before) - gone <= rows(request.standing)
    assert rows(before.having(list(stage.document.replaced))) == gone
    stage.do("accept")
    ghosts = {(t, QUARTER, 60 + i % 12) for i, t in enumerate(range(*GAP, QUARTER))}
    assert rows(stage.notes) == (rows(before) - gone) | ghosts
    assert stage.document.score.track(2).notes == bass
    stage.do("undo")
    assert stage.notes == before


def test_a_texture_busier_than_may_be_asked_for_is_written_as_busy_as_may_be(guided) -> None:
    stage = guided
    stage.draw(*(Note(GAP[0] + i * 120, 120, pitch) for i in range(64) for pitch in (40, 45)))
    stage.document.set_loop(GAP)
    stage.studio.panel.tabs.choose(Mode.FILL)
    request = fill(stage, FillMode.CHORDS)
    assert request.control("density", 0) == 32
    Steering.of(request)


def test_a_new_melody_is_one_voice_as_busy_as_the_old_in_its_register_over_its_chords(guided) -> None:
    stage = guided
    stage.document.set_loop(GAP)
    stage.studio.panel.tabs.choose(Mode.FILL)
    request = fill(stage, FillMode.MELODY)
    assert [request.control(name, 0) for name in ("polyphony", "density", "grid")] == [1, 4, 4]
    assert request.pitch_range == (68, 80)
    assert request.chords[0][1] == 0b000010010001  # C, from C, E and G
    stage.do("reject")
    stage.studio.panel.range.set_value(70, 127)
    stage.studio.panel.controls.row("density").set_value(9)
    request = fill(stage, FillMode.MELODY)
    assert (request.pitch_range, request.control("density", 0)) == ((70, 80), 9)


def test_kept_pitches_are_locked_to_no_key(guided) -> None:
    stage = guided
    stage.document.set_loop(GAP)
    stage.studio.panel.tabs.choose(Mode.FILL)
    stage.studio.panel.range.set_value(60, 61)
    assert stage.studio.panel.stay.isChecked()
    stage.until(lambda: stage.studio.key.choice.key is not None)
    assert fill(stage, FillMode.RHYTHM).key is not None
    stage.do("reject")
    request = fill(stage, FillMode.PITCHES)
    assert (request.key, request.pitch_range) == (None, (0, 127))


def test_new_music_for_this_track_or_for_all(guided) -> None:
    stage = guided
    panel, before = stage.studio.panel, stage.document.score
    stage.document.set_loop(GAP)
    panel.tabs.choose(Mode.FILL)
    QTest.mouseClick(panel.parts.button(ALONE), LEFT)
    request = fill(stage, FillMode.MUSIC)
    bass = before.track(2).notes
    assert (request.notes, request.standing) == (before.track(1).notes, bass)
    assert rows(stage.notes.having(list(stage.document.replaced))) == in_gap(before.track(1).notes)
    stage.document.set_active_track(2)
    stage.do("accept")
    assert stage.document.score.track(2).notes == bass
    assert len(in_gap(stage.document.score.track(1).notes)) == 8
    stage.do("undo")
    stage.document.set_active_track(1)
    QTest.mouseClick(panel.parts.button(SHARED), LEFT)
    assert len(fill(stage, FillMode.MUSIC).standing) == 0
    assert len(stage.document.replaced) == len(in_gap(before.track(1).notes)) + len(in_gap(bass))
    QTest.mouseClick(panel.fill.modes.button(FillMode.CHORDS), LEFT)
    assert not panel.parts_row.isVisible()


def test_only_the_selected_notes_change(guided) -> None:
    stage = guided
    chosen = [note.id for note in stage.notes if note.pitch > 60 and GAP[0] <= note.start < GAP[0] + BAR]
    stage.document.select(chosen)
    stage.studio.panel.tabs.choose(Mode.FILL)
    request = fill(stage, FillMode.RHYTHM)
    assert request.span == (GAP[0], GAP[0] + BAR)
    assert ids(request.kept) == set(chosen)
    stage.document.select([])
    stage.do("again")
    stage.until(lambda: len(stage.generator.requests) == 2 and stage.studio.panel.take.stage is TakeStage.WAITING)
    assert ids(stage.generator.requests[1].kept) == set(chosen)


def test_why_a_way_is_not_open_is_said(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    panel.tabs.choose(Mode.FILL)
    stage.document.set_loop((8 * BAR, 9 * BAR))
    told = {}
    for mode in FillMode:
        panel.fill.modes.button(mode).click()
        told[mode] = panel.take.words[0] if not panel.take.main.isEnabled() else ""
    assert told == {
        FillMode.MUSIC: "",
        FillMode.MELODY: "",
        FillMode.CHORDS: NO_MELODY,
        FillMode.RHYTHM: NO_NOTES,
        FillMode.PITCHES: NO_NOTES,
    }
    stage.document.set_loop(GAP)
    stage.studio.tracks.mute(1, MUTED)
    assert panel.take.words[0] == NOT_HEARD
    panel.fill.modes.button(FillMode.MUSIC).click()
    assert panel.take.main.isEnabled()


def test_a_model_that_is_not_guided_writes_new_music_alone(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    panel.tabs.choose(Mode.FILL)
    panel.fill.modes.button(FillMode.CHORDS).click()
    stage.studio.continuing.choose_model("scale")
    assert not panel.fill.modes.isVisible()
    assert (panel.wish.fill_mode, panel.wish.ending, panel.wish.one_track) == (FillMode.MUSIC, "", False)
    stage.studio.continuing.choose_model("guided")
    assert panel.wish.fill_mode is FillMode.CHORDS


# --- from here to there -----------------------------------------------------------------------------------------------


def test_two_clicks_in_the_ruler_mark_the_gap(guided) -> None:
    stage = guided
    panel, ruler, view = stage.studio.panel, stage.studio.roll.ruler, stage.studio.roll.view.viewport
    panel.tabs.choose(Mode.FILL)
    at = stage.player.tick
    assert panel.take.words[0] == NO_REGION
    for tick, words in ((3 * BAR, OTHER_END), (BAR, "")):
        QTest.mouseClick(ruler, LEFT, SHIFT, QPoint(round(view.x_of(tick)), 10))
        assert panel.take.words[0] == words
    assert stage.document.marks == Marks(*GAP)
    assert stage.player.tick == at
    assert (panel.fill.region.text(), panel.take.main.text()) == ("Bars 2–3 · marked", "Fill bars 2–3")
    stage.do("fill")
    stage.until(lambda: panel.take.stage is TakeStage.WAITING)
    assert stage.generator.requests[0].span == GAP
    QTest.mouseClick(panel.fill.unmark, LEFT)
    assert stage.document.marks == Marks()
    assert not panel.fill.region.isVisible()


def test_two_keys_mark_the_gap_at_the_playhead(guided) -> None:
    stage = guided
    stage.studio.playing.seek(BAR + 30)
    stage.do("mark_start")
    stage.studio.playing.seek(3 * BAR)
    assert stage.studio.panel.mode is Mode.FILL
    assert stage.studio.panel.take.words[0] == OTHER_END
    stage.do("mark_end")
    assert stage.document.marks == Marks(*GAP)
    assert stage.studio.panel.take.main.text() == "Fill bars 2–3"
    stage.studio.playing.seek(0)
    stage.do("mark_end")
    assert stage.document.marks == Marks(*GAP)
    stage.do("new")
    assert stage.document.marks == Marks()


def test_a_drag_with_shift_marks_and_leaves_the_loop(guided) -> None:
    stage = guided
    ruler, view = stage.studio.roll.ruler, stage.studio.roll.view.viewport
    from_x, to_x = (round(view.x_of(tick)) for tick in GAP)
    QTest.mousePress(ruler, LEFT, SHIFT, QPoint(from_x, 10))
    for x in (from_x + 20, to_x):
        QTest.mouseMove(ruler, QPoint(x, 10))
    QTest.mouseRelease(ruler, LEFT, SHIFT, QPoint(to_x, 10))
    assert (stage.document.marks, stage.document.loop) == (Marks(*GAP), None)


# --- continuing -------------------------------------------------------------------------------------------------------


def continued(stage):
    stage.do("continue")
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    return stage.generator.requests[-1]


def test_the_active_track_alone_is_continued_while_the_others_are_heard(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    later = stage.document.score.new_notes([Note(5 * BAR, BAR, 36)])
    stage.document.edit("Draw", Change.of_notes(2, added=later))
    assert panel.parts_row.isVisible()
    QTest.mouseClick(panel.parts.button(ALONE), LEFT)
    request = continued(stage)
    assert (request.notes, request.standing) == (stage.notes, stage.document.score.track(2).notes)
    assert request.span == (4 * BAR, 12 * BAR)
    stage.do("accept")
    assert len(stage.notes) == 28 + 32
    assert len(stage.document.score.track(2).notes) == 17
    stage.do("undo")
    stage.do("reject")
    QTest.mouseClick(panel.parts.button(SHARED), LEFT)
    request = continued(stage)
    assert (len(request.notes), len(request.standing)) == (28 + 17, 0)


def test_an_empty_track_gets_a_part_to_what_is_there(guided) -> None:
    stage = guided
    stage.studio.tracks.add()
    stage.studio.panel.parts.button(ALONE).click()
    request = continued(stage)
    assert (len(request.notes), request.span, len(request.standing)) == (0, (0, 8 * BAR), 28 + 16)
    stage.do("accept")
    assert len(stage.notes) == 32


def test_with_one_track_there_is_nothing_to_choose(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    panel.parts.button(ALONE).click()
    stage.studio.tracks.mute(2, MUTED)
    assert not panel.parts_row.isVisible()
    assert continued(stage).notes == stage.notes


def test_endings_are_asked_for(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    assert panel.ending.isVisible()
    for ending in ("close", "open", ""):
        QTest.mouseClick(panel.ending.button(ending), LEFT)
        assert continued(stage).ending == ending
        stage.do("reject")
    panel.ending.button("close").click()
    panel.tabs.choose(Mode.FILL)
    assert not panel.ending.isVisible()
    stage.document.set_loop(GAP)
    assert fill(stage, FillMode.MUSIC).ending == ""


# --- controls ---------------------------------------------------------------------------------------------------------


def test_controls_are_called_by_their_names_and_the_lesser_are_folded_away(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    assert not panel.lesser.isVisible()
    QTest.mouseClick(panel.more.head, LEFT)
    assert panel.lesser.isVisible()
    density, polyphony, grid = panel.controls.row("density"), panel.lesser.row("polyphony"), panel.lesser.row("grid")
    swing, lock = panel.lesser.row("swing"), panel.lesser.row("chord_lock")
    assert [row._value.text() for row in (density, polyphony, swing)] == ["As it comes", "Any", "Straight"]
    density.slider.setValue(12)
    polyphony.slider.setValue(3)
    swing.slider.setValue(10)
    assert [row._value.text() for row in (density, polyphony, swing)] == ["12 a bar", "3", "50 %"]
    assert isinstance(grid, ChoiceRow)
    assert isinstance(lock, Toggle)
    assert grid.choice.text() == "Any"
    grid.choice._choose("4")
    assert (grid.choice.text(), grid.value) == ("1/16", 4)
    request = continued(stage)
    assert dict(request.controls) == {"density": 12, "polyphony": 3, "grid": 4, "swing": 0.5, "feel": 0, "chord_lock": 0}


def test_the_choices_are_remembered(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    panel.ending.button("open").click()
    panel.parts.button(ALONE).click()
    panel.tabs.choose(Mode.FILL)
    panel.fill.modes.button(FillMode.RHYTHM).click()
    panel.more.head.click()
    settings = stage.preferences.value
    assert (settings.ending, settings.one_track, settings.fill_mode, settings.more_controls) == (
        "open",
        True,
        "RHYTHM",
        True,
    )
    wish = remembered(settings)
    assert (wish.ending, wish.one_track, wish.fill_mode) == ("open", True, FillMode.RHYTHM)
    assert remembered(Settings(fill_mode="of another version")).fill_mode is FillMode.MUSIC


def test_the_keyboard_walks_the_ways_to_fill(guided) -> None:
    stage = guided
    panel = stage.studio.panel
    panel.tabs.choose(Mode.FILL)
    panel.fill.modes.button(FillMode.MUSIC).setFocus()
    QTest.keyClick(panel.fill.modes.button(FillMode.MUSIC), Qt.Key.Key_Down)
    assert panel.wish.fill_mode is FillMode.MELODY


@pytest.mark.parametrize("size", [(1024, 640), (1440, 900)])
def test_the_main_button_is_always_in_sight(guided, size: tuple[int, int]) -> None:
    stage = guided
    panel = stage.studio.panel
    stage.studio.actions["chords"].trigger()
    stage.window.resize(*size)
    panel.more.head.click()
    for mode in (Mode.CONTINUE, Mode.FILL):
        panel.tabs.choose(mode)
        stage.qtbot.waitUntil(panel.take.main.isVisible)
        bottom = panel.take.main.mapTo(stage.window, QPoint(0, panel.take.main.height())).y()
        assert bottom < size[1]
