"""A seed, Continue, ghosts, Accept, Reject, Again: the panel, the document and the worker together."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from musegen_app.errors import ModelError
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import Listing
from musegen_app.score import GENERATED, Key, Note
from musegen_app.ui.flows.generating import NO_PITCHES, NO_SEED, NO_SOLO_PITCHES, NOT_SOLOED, speed_text
from musegen_app.ui.key_choice import KeyMode
from musegen_app.ui.panels.take_box import Stage as TakeStage

QUARTER = 960
LEFT = Qt.MouseButton.LeftButton
FLAGSHIP = Path(__file__).parents[2] / "models" / "flagship"


def continue_(stage) -> None:
    stage.do("continue")
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


def test_an_empty_seed_is_explained_where_the_button_is(stage) -> None:
    take = stage.studio.panel.take
    assert not take.main.isEnabled()
    assert take.words[0] == NO_SEED
    assert stage.studio.hint.is_visible
    stage.do("continue")
    assert stage.generator.requests == []
    stage.draw(Note(0, QUARTER, 60))
    assert take.main.isEnabled()
    assert take.words[0] == ""
    assert not stage.studio.hint.is_visible


def test_ghosts_stream_and_are_accepted_as_one_step(stage) -> None:
    stage.draw()
    seed = stage.notes
    QTest.mouseClick(stage.studio.panel.length.button(2), LEFT)
    assert stage.studio.panel.take.main.text() == "Continue 2 bars"
    QTest.mouseClick(stage.studio.panel.take.main, LEFT)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    assert len(stage.document.ghosts) == 8
    assert stage.notes == seed
    stage.do("accept")
    assert len(stage.notes) == 12
    assert (stage.notes.flags[4:] & GENERATED).all()
    assert stage.studio.actions["undo"].text() == "Undo accept continuation"
    stage.do("undo")
    assert stage.notes == seed
    stage.do("redo")
    assert len(stage.notes) == 12


def test_while_it_streams_the_button_cancels_and_what_came_stays(stage) -> None:
    gate = threading.Event()
    stage.hold_at(5, gate)
    stage.draw()
    take = stage.studio.panel.take
    stage.do("continue")
    stage.until(lambda: len(stage.document.ghosts) == 5)
    assert (take.main.text(), take.words[0]) == ("Cancel", "Streaming bar 2 of 8")
    assert take.main.property("streaming") is True
    QTest.mouseClick(take.main, LEFT)
    gate.set()
    stage.until(lambda: take.stage is TakeStage.WAITING)
    assert len(stage.document.ghosts) == 5
    assert take.words[0] == "5 notes, stopped by you"
    stage.do("accept")
    assert len(stage.notes) == 9


def test_reject_lets_the_ghosts_go_even_while_they_stream(stage) -> None:
    gate = threading.Event()
    stage.hold_at(3, gate)
    stage.draw()
    stage.do("continue")
    stage.until(lambda: len(stage.document.ghosts) == 3)
    stage.do("reject")
    gate.set()
    stage.qtbot.wait(60)
    assert stage.document.take is None
    assert len(stage.notes) == 4
    assert stage.studio.panel.take.stage is TakeStage.IDLE
    assert not stage.studio.actions["accept"].isEnabled()


def test_again_brings_another_take_with_another_number_unless_it_is_held(stage) -> None:
    stage.draw()
    continue_(stage)
    stage.do("again")
    stage.until(lambda: len(stage.generator.requests) == 2)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    assert len(stage.document.ghosts) == 32
    numbers = [request.seed_number for request in stage.generator.requests]
    assert numbers[0] != numbers[1]
    stage.studio.panel.seed.held.setChecked(True)
    stage.do("again")
    stage.until(lambda: len(stage.generator.requests) == 3)
    assert stage.generator.requests[2].seed_number == numbers[1]
    assert [request.id for request in stage.generator.requests] == [1, 2, 3]


def test_the_panel_is_what_is_asked(stage) -> None:
    stage.draw()
    panel = stage.studio.panel
    panel.surprise.slider.setValue(panel.surprise.slider.maximum())
    panel.range.slider._set_active(40)
    stage.studio.key.choose(KeyMode.LOCKED, Key(2, "dorian"))
    continue_(stage)
    request = stage.generator.requests[0]
    assert request.sampling.temperature == 1.5
    assert request.pitch_range == (40, 108)
    assert request.key == Key(2, "dorian")
    assert request.model == "scale"
    stage.do("reject")
    panel.stay.click()
    continue_(stage)
    assert stage.generator.requests[1].key is None


def test_the_key_is_found_shown_locked_and_left(stage) -> None:
    stage.draw(*(Note(i * QUARTER, QUARTER, pitch) for i, pitch in enumerate((62, 65, 69, 74, 72, 69, 65, 62))))
    stage.until(lambda: stage.studio.bar.key.text() == "D minor")
    assert stage.studio.panel.stay.text() == "Stay in D minor"
    stage.studio.key.choose(KeyMode.LOCKED, Key(0))
    assert stage.studio.bar.key.text() == "C major, locked"
    assert stage.document.key_lock == Key(0)
    stage.studio.key.choose(KeyMode.OFF, None)
    assert stage.document.key_lock is None
    assert not stage.studio.panel.stay.isEnabled()


def test_a_failing_model_leaves_one_sentence_and_no_take(stage) -> None:
    def fail(_index: int) -> None:
        raise ModelError("The model is broken.", "scale")

    stage.generator.hold = fail
    stage.draw()
    stage.do("continue")
    stage.until(lambda: stage.window.notice.text == "The model is broken.")
    assert stage.document.take is None
    assert stage.studio.panel.take.stage is TakeStage.IDLE


def test_no_model_is_told_with_the_reason(stage) -> None:
    stage.studio.models_listed(Listing((), (ModelError("The model is damaged.", "scale"),)))
    stage.draw()
    assert stage.window.notice.text == "The model is damaged."
    assert not stage.studio.panel.take.main.isEnabled()


def test_choices_are_remembered(stage) -> None:
    QTest.mouseClick(stage.studio.panel.length.button(16), LEFT)
    stage.studio.panel.surprise.slider.setValue(0)
    assert stage.preferences.value.bars == 16
    assert stage.preferences.value.temperature == 0.5


def test_speed_is_told_in_round_words() -> None:
    assert speed_text(1340, 1.0) == "1 340 notes/s"
    assert speed_text(1, 0.1) == ""
    assert speed_text(10, 0.0) == ""


def test_music_that_is_muted_is_not_said_to_be_missing(stage) -> None:
    stage.draw()
    stage.studio.tracks.mute(1, on=True)
    assert stage.studio.panel.take.words[0] == NO_PITCHES
    stage.studio.tracks.mute(1, on=False)
    assert stage.studio.panel.take.words[0] == ""


def test_a_solo_elsewhere_is_told_as_what_it_is(stage) -> None:
    stage.draw()
    stage.studio.tracks.add()
    empty = stage.document.active_track_id
    stage.studio.tracks.solo(empty, on=True)
    assert stage.studio.panel.take.words[0] == NO_SOLO_PITCHES
    label = stage.studio.panel.take._why
    assert label.isVisible()
    assert label.wordWrap(), "a long reason is read whole"
    stage.document.set_active_track(1)
    stage.do("jam")
    assert stage.window.status.music.text().startswith(NOT_SOLOED.rstrip("."))


def test_tab_goes_down_the_panel_also_through_controls_that_came_last(stage) -> None:
    stage.draw()
    stage.models = Listing((*stage.models.models, Manifest.read(FLAGSHIP)), ())
    stage.studio.refresh_models()
    stage.until(lambda: stage.studio.continuing.has_model("flagship"))
    stage.studio.continuing.choose_model("flagship")
    panel = stage.studio.panel
    panel.more.open(on=True)
    panel.tabs.bar.setFocus(Qt.FocusReason.TabFocusReason)
    reached: list[QWidget] = []
    while (widget := stage.window.focusWidget()) is not panel.take.main:
        reached.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        assert len(reached) < 60
    column = panel._choices.widget()
    within = [widget for widget in reached if column.isAncestorOf(widget)]
    assert len(within) > 12

    def heights() -> list[int]:
        return [widget.mapTo(column, widget.rect().center()).y() for widget in within]

    stage.until(lambda: heights() == sorted(heights()))  # once what was folded away has its room
