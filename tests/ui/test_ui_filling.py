"""Fill, the families' controls, and what models say, clicked through in the real window."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidgetAction

from musegen_app.errors import ModelError
from musegen_app.generate.registry import Listing
from musegen_app.score import GENERATED, Note
from musegen_app.ui.controls.slider_row import SliderRow
from musegen_app.ui.controls.toggle import Toggle
from musegen_app.ui.flows.generating import NO_SEED
from musegen_app.ui.panels.take_box import Stage as TakeStage
from musegen_app.ui.panels.wish import Mode
from musegen_app.ui.presenters.continuing import NO_FILLER, NO_REGION, OTHER_MODEL

QUARTER, BAR = 960, 3840
LEFT = Qt.MouseButton.LeftButton


def click_tab(stage, mode: Mode) -> None:
    bar = stage.studio.panel.tabs.bar
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(list(Mode).index(mode)).center())
    assert stage.studio.panel.mode is mode


def waiting(stage) -> None:
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


@pytest.fixture
def filled(stage):
    """Four bars of quarters, bars 2 and 3 looped, a model that fills, the Fill tab."""
    stage.draw(*(Note(i * QUARTER, QUARTER, 60 + i % 5) for i in range(16)))
    stage.add_filler()
    stage.studio.continuing.choose_model("filler")
    stage.document.set_loop((BAR, 3 * BAR))
    click_tab(stage, Mode.FILL)
    return stage


# --- tabs -------------------------------------------------------------------------------------------------------------


def test_tabs_show_what_belongs_to_them(stage) -> None:
    panel = stage.studio.panel
    assert [panel.tabs.bar.tabText(i) for i in range(panel.tabs.bar.count())] == ["Continue", "Fill", "Jam", "Train"]
    assert (panel.length_row.isVisible(), panel.fill.isVisible(), panel.train.isVisible()) == (True, False, False)
    click_tab(stage, Mode.FILL)
    assert (panel.length_row.isVisible(), panel.fill.isVisible(), panel.train.isVisible()) == (False, True, False)
    click_tab(stage, Mode.TRAIN)
    assert (panel.card.isVisible(), panel.take.isVisible(), panel.train.isVisible()) == (False, False, True)
    asked: list[bool] = []
    panel.train_requested.connect(lambda: asked.append(True))
    QTest.mouseClick(panel.train.button, LEFT)
    assert asked == [True]
    click_tab(stage, Mode.CONTINUE)
    assert panel.take.main.text() == "Continue 8 bars"


def test_the_keyboard_walks_the_tabs(stage) -> None:
    bar = stage.studio.panel.tabs.bar
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert stage.studio.panel.mode is Mode.FILL


# --- filling ----------------------------------------------------------------------------------------------------------


def test_a_loop_is_filled_and_accepted_as_one_step(filled) -> None:
    stage = filled
    panel, before = stage.studio.panel, stage.notes
    assert panel.take.main.text() == "Fill bars 2–3"
    assert panel.fill.region.text() == "Bars 2–3 · the loop"
    QTest.mouseClick(panel.take.main, LEFT)
    waiting(stage)
    request = stage.filler.requests[0]
    assert (request.start_tick, request.until_tick) == (BAR, 3 * BAR)
    assert request.notes == before
    assert stage.notes == before
    assert len(stage.document.replaced) == 8
    assert stage.document.heard_score().note_count == 16 - 8 + 9
    stage.do("accept")
    assert sum(n.flags & GENERATED for n in stage.notes) == 9
    assert len(stage.notes) == 17
    assert stage.studio.actions["undo"].text() == "Undo accept fill"
    stage.do("undo")
    assert stage.notes == before


def test_a_rejected_fill_leaves_everything_as_it_was(filled) -> None:
    stage = filled
    before = stage.document.score
    stage.do("fill")
    waiting(stage)
    stage.do("reject")
    assert stage.document.score is before
    assert not stage.document.replaced
    assert stage.document.heard_score() is before


def test_the_selection_is_filled_where_there_is_no_loop(filled) -> None:
    stage = filled
    take = stage.studio.panel.take
    stage.document.set_loop(None)
    assert (take.main.text(), take.main.isEnabled(), take.words[0]) == ("Fill", False, NO_REGION)
    assert not stage.studio.panel.fill.region.isVisible()
    stage.document.select(stage.notes.id[4:8].tolist())
    assert (take.main.text(), take.main.isEnabled(), take.words[0]) == ("Fill bar 2", True, "")
    stage.document.select(stage.notes.id[5:7].tolist())
    assert take.main.text() == "Fill 2.2 to 2.4"
    stage.do("fill")
    waiting(stage)
    assert stage.filler.requests[0].span == (BAR + QUARTER, BAR + 3 * QUARTER)


def test_again_fills_the_same_gap_though_something_else_is_selected(filled) -> None:
    stage = filled
    stage.do("fill")
    waiting(stage)
    stage.document.set_loop(None)
    stage.document.select([int(stage.notes.id[0])])
    stage.do("again")
    stage.until(lambda: len(stage.filler.requests) == 2)
    waiting(stage)
    assert stage.filler.requests[1].span == (BAR, 3 * BAR)
    assert stage.filler.requests[0].seed_number != stage.filler.requests[1].seed_number


def test_again_continues_what_was_continued_whatever_tab_shows(filled) -> None:
    stage = filled
    stage.do("continue")
    waiting(stage)
    assert stage.studio.panel.mode is Mode.CONTINUE
    click_tab(stage, Mode.FILL)
    stage.do("again")
    stage.until(lambda: len(stage.filler.requests) == 2)
    waiting(stage)
    assert stage.filler.requests[1].until_tick is None


def test_a_key_fills_from_any_tab_and_says_why_not(stage) -> None:
    QTest.keyClick(stage.studio.roll.canvas, Qt.Key.Key_F)
    assert stage.studio.panel.mode is Mode.FILL
    assert stage.studio.panel.take.words[0] == NO_SEED
    stage.draw()
    QTest.keyClick(stage.studio.roll.canvas, Qt.Key.Key_F)
    assert OTHER_MODEL.rstrip(".") in stage.window.status.music.text()


def test_a_model_that_only_continues_offers_one_that_fills(stage) -> None:
    stage.draw(*(Note(i * QUARTER, QUARTER, 60) for i in range(8)))
    stage.document.set_loop((0, BAR))
    click_tab(stage, Mode.FILL)
    panel = stage.studio.panel
    assert panel.fill.why.text() == NO_FILLER
    assert not panel.fill.way.isVisible()
    stage.add_filler()
    assert panel.fill.why.text() == "Scale only continues; it cannot hear what follows a gap."
    assert (panel.fill.way.text(), panel.take.main.isEnabled()) == ("Use Filler", False)
    QTest.mouseClick(panel.fill.way, LEFT)
    assert panel.wish.model == "filler"
    assert not panel.fill.why.isVisible()
    assert (panel.take.main.text(), panel.take.main.isEnabled()) == ("Fill bar 1", True)


def test_the_fill_streams_by_bars_and_can_be_cancelled(filled) -> None:
    stage = filled
    gate = threading.Event()

    def hold(index: int) -> None:
        if index == 6:
            gate.wait(20)

    stage.filler.hold = hold
    take = stage.studio.panel.take
    stage.do("fill")
    stage.until(lambda: len(stage.document.ghosts) > 0)
    assert take.main.text() == "Cancel"
    assert take.words[0].startswith("Filling bar ")
    QTest.mouseClick(take.main, LEFT)
    gate.set()
    waiting(stage)
    assert len(stage.document.ghosts) == 6
    assert take.words[0] == "6 notes, stopped by you"


def test_what_plays_has_the_ghosts_instead_of_the_notes(filled) -> None:
    stage = filled
    stage.do("play")
    stage.do("fill")
    waiting(stage)
    stage.until(lambda: stage.player.told[-1] == ("update", 17))
    stage.do("reject")
    stage.until(lambda: stage.player.told[-1] == ("update", 16))


def test_notes_to_be_replaced_are_dimmed_in_the_roll(filled) -> None:
    stage = filled
    canvas = stage.studio.roll.canvas
    stage.studio.editing.fit()

    def colour_of(note: Note) -> str:
        view = canvas.view.viewport
        at = QPoint(round(view.x_of(note.start + note.length / 3)), round(view.y_of(note.pitch) + view.row_px / 2))
        return canvas.grab().toImage().pixelColor(at * canvas.devicePixelRatioF()).name()

    inside, outside = stage.notes[4], stage.notes[0]
    assert colour_of(inside) == colour_of(outside)
    bright = colour_of(inside)
    stage.do("fill")
    waiting(stage)
    assert colour_of(outside) == bright
    assert colour_of(inside) != bright
    stage.do("reject")
    assert colour_of(inside) == bright


# --- controls ---------------------------------------------------------------------------------------------------------


def test_a_family_shows_the_controls_it_has_and_remembers_them(stage) -> None:
    panel = stage.studio.panel
    assert (panel.surprise.isVisible(), panel.controls.isVisible()) == (True, False)
    stage.add_filler()
    stage.studio.continuing.choose_model("filler")
    assert (panel.surprise.isVisible(), panel.controls.isVisible()) == (False, True)
    assert not panel.style_row.isVisible()
    chain, calm = panel.controls.row("chain"), panel.controls.row("calm")
    assert isinstance(chain, SliderRow)
    assert isinstance(calm, Toggle)
    assert panel.wish.controls == (("chain", 20.0), ("calm", 1.0))
    chain.slider.setValue(chain.slider.maximum())
    QTest.mouseClick(calm, LEFT, pos=QPoint(4, 8))
    assert panel.wish.controls == (("chain", 50.0), ("calm", 0.0))
    stage.studio.continuing.choose_model("scale")
    assert panel.wish.controls == ()
    stage.studio.continuing.choose_model("filler")
    assert panel.wish.controls == (("chain", 50.0), ("calm", 0.0))
    assert stage.preferences.value.controls == {"filling": {"chain": 50.0, "calm": 0.0}}


def test_controls_reach_the_model(filled) -> None:
    stage = filled
    chain = stage.studio.panel.controls.row("chain")
    assert isinstance(chain, SliderRow)
    chain.slider.setValue(0)
    stage.do("fill")
    waiting(stage)
    assert stage.filler.requests[0].control("chain", 0) == 5.0


def test_another_model_leaves_length_and_range_alone(stage) -> None:
    stage.add_filler()
    panel = stage.studio.panel
    QTest.mouseClick(panel.length.button(2), LEFT)
    panel.range.slider._set_active(40)
    stage.studio.continuing.choose_model("filler")
    assert (panel.wish.bars, panel.wish.pitch_range) == (2, (40, 108))


# --- what models say --------------------------------------------------------------------------------------------------


def test_energy_and_remarks_stand_under_the_progress_until_the_take_goes(filled) -> None:
    stage = filled
    take = stage.studio.panel.take
    stage.do("fill")
    waiting(stage)
    assert take.remarks.splitlines() == [
        "Energy −41 a step",
        "2 chords of the seed are unknown to this model; it hears the nearest it knows.",
    ]
    assert take.words[0].startswith("9 notes, ")
    stage.do("accept")
    assert take.remarks == ""


def test_a_model_without_remarks_shows_none(stage) -> None:
    stage.draw()
    stage.do("continue")
    waiting(stage)
    assert stage.studio.panel.take.remarks == ""


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_broken_model_stays_told_when_another_is_chosen(stage) -> None:
    panel = stage.studio.panel
    problem = ModelError('Model "old" cannot be used: model.json is damaged.', "old")
    stage.models = Listing((*stage.models.models, stage.filling), (problem,))
    stage.studio.refresh_models()
    stage.until(panel.broken.isVisible)
    assert panel.broken.text() == str(problem)
    stage.studio.continuing.choose_model("filler")
    assert panel.broken.isVisible()
    menu = QMenu()
    panel.fill_models(menu)
    last = menu.actions()[-1]
    assert (last.toolTip(), last.isEnabled()) == (str(problem), False)
    stage.models = Listing(stage.models.models, (problem, problem, problem))
    stage.studio.refresh_models()
    stage.until(lambda: panel.broken.text() == f"{problem} 2 more cannot be used; the list tells.")
    stage.models = Listing(stage.models.models, ())
    stage.studio.refresh_models()
    stage.until(lambda: not panel.broken.isVisible())


def test_the_menu_is_walked_and_clicked(stage) -> None:
    stage.add_filler()
    panel = stage.studio.panel
    menu = QMenu(panel)
    panel.fill_models(menu)
    menu.popup(panel.mapToGlobal(QPoint(10, 10)))
    stage.qtbot.waitExposed(menu)
    assert [action.text() for action in menu.actions()] == ["Scale", "Filler"]
    assert [action.isChecked() for action in menu.actions()] == [True, False]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    assert menu.activeAction() is menu.actions()[1]
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert panel.wish.model == "filler"
    assert stage.preferences.value.model == "filler"
    again = QMenu(panel)
    panel.fill_models(again)
    again.popup(panel.mapToGlobal(QPoint(10, 10)))
    stage.qtbot.waitExposed(again)
    first = again.actions()[0]
    assert isinstance(first, QWidgetAction)
    QTest.mouseMove(first.defaultWidget(), QPoint(60, 20))
    stage.until(lambda: again.activeAction() is first)
    QTest.mouseClick(first.defaultWidget(), LEFT, pos=QPoint(60, 20))
    assert not again.isVisible()
    assert panel.wish.model == "scale"


def test_refreshing_loads_the_model_in_use_anew(stage) -> None:
    stage.until(lambda: stage.loaded == ["scale"])
    stage.studio.refresh_models()
    stage.until(lambda: stage.loaded == ["scale", "scale"])


def test_a_model_that_went_leaves_the_first_there_is(stage) -> None:
    stage.add_filler()
    stage.studio.continuing.choose_model("filler")
    stage.models = Listing(stage.models.models[:1], ())
    stage.studio.refresh_models()
    stage.until(lambda: stage.studio.panel.wish.model == "scale")
