"""The chord track: written, dragged, copied, deleted, found, followed and saved, in the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from musegen_app.files import read_project
from musegen_app.generate import FAMILIES, Family
from musegen_app.generate.manifest import Manifest
from musegen_app.generate.registry import Listing
from musegen_app.score import Chord, ChordSpan, Note, Score
from musegen_app.ui.flows.chords import NO_NOTES
from musegen_app.ui.panels.take_box import Stage as TakeStage

QUARTER, BAR = 960, 3840
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CTRL, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def lane(stage):
    """The window with the chord track shown, wide enough that a beat is easily hit."""
    stage.do("chords")
    stage.qtbot.waitUntil(stage.studio.roll.chords.isVisible)
    return stage


def chords(stage) -> list[tuple[float, float, str]]:
    """Start and end in bars, and name, of each."""
    return [(span.start / BAR, span.end / BAR, span.chord.name) for span in stage.document.score.chords]


def at(stage, tick: float) -> QPoint:
    return QPoint(round(stage.studio.roll.view.viewport.x_of(tick)), 14)


def write(stage, tick: float, text: str) -> None:
    widget = stage.studio.roll.chords
    QTest.mouseDClick(widget, LEFT, NONE, at(stage, tick + 100))
    editor = widget.writing.editor
    assert editor.isVisible()
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Key.Key_Return)


def drag(stage, from_tick: float, to_tick: float, keys=NONE, dx: int = 0) -> None:
    widget = stage.studio.roll.chords
    start, end = at(stage, from_tick) + QPoint(dx, 0), at(stage, to_tick) + QPoint(dx, 0)
    QTest.mousePress(widget, LEFT, keys, start)
    for point in ((start + end) / 2, end):
        QTest.mouseMove(widget, point)
    QTest.mouseRelease(widget, LEFT, keys, end)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_double_click_writes_a_chord_to_the_end_of_the_bar(lane) -> None:
    stage = lane
    write(stage, BAR, "Am7")
    write(stage, 2 * BAR + 2 * QUARTER, "g/b")
    assert chords(stage) == [(1, 2, "Am7"), (2.5, 3, "G/B")]
    write(stage, 2 * BAR + QUARTER, "F")
    assert chords(stage)[1:] == [(2.25, 2.5, "F"), (2.5, 3, "G/B")]
    assert stage.studio.actions["undo"].text() == "Undo write chord"
    for _ in range(3):
        stage.do("undo")
    assert chords(stage) == []
    stage.do("redo")
    assert chords(stage) == [(1, 2, "Am7")]


def test_several_chords_share_a_bar_by_beats(lane) -> None:
    stage = lane
    write(stage, 0, "Am D7")
    write(stage, BAR, "C | F | G")
    write(stage, 2 * BAR, "C maj7")
    assert chords(stage) == [
        (0, 0.5, "Am"),
        (0.5, 1, "D7"),
        (1, 1.25, "C"),
        (1.25, 1.5, "F"),
        (1.5, 2, "G"),
        (2, 3, "Cmaj7"),
    ]
    write(stage, 0, "E7 E7 E7 E7 E7")
    assert [start for start, *_ in chords(stage)][:5] == [0, 0.1, 0.2, 0.3, 0.4]


def test_what_is_not_understood_stays_to_be_mended(lane) -> None:
    stage = lane
    write(stage, 0, "Hm")
    editor = stage.studio.roll.chords.writing.editor
    assert editor.isVisible()
    assert editor.property("wrong") is True
    assert '"Hm" is not a chord' in stage.studio.status._said
    assert chords(stage) == []
    editor.selectAll()
    QTest.keyClicks(editor, "Bm")
    assert editor.property("wrong") is False
    QTest.keyClick(editor, Key.Key_Return)
    assert not editor.isVisible()
    assert chords(stage) == [(0, 1, "Bm")]


def test_escape_writes_nothing_and_rejects_no_take(lane) -> None:
    stage = lane
    stage.draw()
    stage.do("continue")
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    QTest.mouseDClick(stage.studio.roll.chords, LEFT, NONE, at(stage, 10))
    editor = stage.studio.roll.chords.writing.editor
    QTest.keyClicks(editor, "F")
    QTest.keyClick(editor, Key.Key_Escape)
    assert (editor.isVisible(), chords(stage)) == (False, [])
    assert stage.document.take is not None


def test_tab_goes_on_to_the_next_bar_and_back(lane) -> None:
    stage = lane
    widget = stage.studio.roll.chords
    QTest.mouseDClick(widget, LEFT, NONE, at(stage, 10))
    for text in ("F", "Dm", "C7"):
        QTest.keyClicks(widget.writing.editor, text)
        QTest.keyClick(widget.writing.editor, Key.Key_Tab)
    assert chords(stage) == [(0, 1, "F"), (1, 2, "Dm"), (2, 3, "C7")]
    QTest.keyClick(widget.writing.editor, Key.Key_Backtab, SHIFT)
    assert widget.writing.editor.text() == "C7"
    QTest.keyClick(widget.writing.editor, Key.Key_Escape)


def test_a_chord_is_changed_and_without_text_it_goes(lane) -> None:
    stage = lane
    write(stage, 0, "F")
    write(stage, 0, "Fmaj7")
    assert chords(stage) == [(0, 1, "Fmaj7")]
    QTest.mouseDClick(stage.studio.roll.chords, LEFT, NONE, at(stage, 100))
    editor = stage.studio.roll.chords.writing.editor
    editor.clear()
    stage.studio.roll.canvas.setFocus()
    assert (chords(stage), editor.isVisible()) == ([], False)


# --- the mouse --------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(lane):
    """C in the first bar, F in the second, G in the fourth."""
    for bar, name in ((0, "C"), (1, "F"), (3, "G")):
        write(lane, bar * BAR, name)
    return lane


def test_a_drag_moves_in_beats_and_its_edges_resize(three) -> None:
    stage = three
    drag(stage, 3 * BAR + 900, 3 * BAR + 900 + QUARTER)
    assert chords(stage)[-1] == (3.25, 4.25, "G")
    drag(stage, 2 * BAR, 2 * BAR + 2 * QUARTER, dx=-2)
    assert chords(stage)[1] == (1, 2.5, "F")
    drag(stage, BAR, 2 * QUARTER, dx=2)
    assert chords(stage) == [(0, 0.5, "C"), (0.5, 2.5, "F"), (3.25, 4.25, "G")]
    assert stage.studio.actions["undo"].text() == "Undo resize chord"
    for _ in range(3):
        stage.do("undo")
    assert chords(stage) == [(0, 1, "C"), (1, 2, "F"), (3, 4, "G")]


def test_a_drag_with_ctrl_copies_and_a_right_click_deletes(three) -> None:
    stage = three
    drag(stage, 900, 900 + 2 * BAR, CTRL)
    assert chords(stage) == [(0, 1, "C"), (1, 2, "F"), (2, 3, "C"), (3, 4, "G")]
    QTest.mouseClick(stage.studio.roll.chords, RIGHT, NONE, at(stage, BAR + 900))
    assert [name for *_, name in chords(stage)] == ["C", "C", "G"]


def test_escape_lets_go_of_a_drag(three) -> None:
    stage = three
    widget = stage.studio.roll.chords
    QTest.mousePress(widget, LEFT, NONE, at(stage, 900))
    QTest.mouseMove(widget, at(stage, 900 + 2 * BAR))
    assert widget.is_dragging
    widget.setFocus()
    QTest.keyClick(widget, Key.Key_Escape)
    QTest.mouseRelease(widget, LEFT, NONE, at(stage, 900 + 2 * BAR))
    assert chords(stage)[0] == (0, 1, "C")
    assert not stage.studio.roll.view.held


# --- the keyboard -----------------------------------------------------------------------------------------------------


def test_the_lane_by_keys_alone(three) -> None:
    stage = three
    widget = stage.studio.roll.chords
    widget.setFocus()
    widget.choose(None)

    def press(key: Qt.Key, keys=NONE) -> None:
        QTest.keyClick(widget, key, keys)

    press(Key.Key_Right)
    press(Key.Key_Right)
    assert widget.chosen.chord.name == "F"
    assert widget.accessibleDescription() == "F"
    press(Key.Key_Right, SHIFT)
    press(Key.Key_Right, CTRL)
    assert chords(stage)[1] == (1.25, 2.5, "F")
    press(Key.Key_Left, CTRL)
    press(Key.Key_Left, SHIFT)
    assert chords(stage)[1] == (1, 2, "F")
    press(Key.Key_D, CTRL)
    assert chords(stage)[2] == (2, 3, "F")
    press(Key.Key_C, CTRL)
    press(Key.Key_V, CTRL)
    assert [name for *_, name in chords(stage)] == ["C", "F", "F", "F"]
    press(Key.Key_Delete)
    assert [name for *_, name in chords(stage)] == ["C", "F", "F"]
    press(Key.Key_Escape)
    assert widget.chosen is None
    stage.studio.playing.seek(2 * QUARTER)
    press(Key.Key_Return)
    QTest.keyClicks(widget.writing.editor, "Am")
    QTest.keyClick(widget.writing.editor, Key.Key_Return)
    assert chords(stage)[:2] == [(0, 0.5, "C"), (0.5, 1, "Am")]
    press(Key.Key_Escape)
    stage.studio.playing.seek(5 * BAR)
    press(Key.Key_Return)
    QTest.keyClicks(widget.writing.editor, "Dm")
    QTest.keyClick(widget.writing.editor, Key.Key_Return)
    assert chords(stage)[-1] == (5, 6, "Dm")
    assert widget.hasFocus()


def test_return_accepts_a_take_though_the_keyboard_is_in_the_lane(three) -> None:
    stage = three
    stage.draw()
    widget = stage.studio.roll.chords
    widget.setFocus()
    widget.choose(stage.document.score.chords[0])
    stage.do("continue")
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)
    QTest.keyClick(widget, Key.Key_Return)
    assert stage.document.take is None
    assert len(stage.notes) > 4
    assert not widget.writing.editor.isVisible()


def test_keys_of_the_lane_leave_the_notes_alone(three) -> None:
    stage = three
    stage.draw()
    stage.document.select(stage.notes.id.tolist())
    widget = stage.studio.roll.chords
    widget.setFocus()
    widget.choose(None)
    QTest.keyClick(widget, Key.Key_Delete)
    QTest.keyClick(widget, Key.Key_Right)
    QTest.keyClick(widget, Key.Key_X, CTRL)
    assert len(stage.notes) == 4
    assert len(chords(stage)) == 2


# --- finding, following, saving ---------------------------------------------------------------------------------------


def triads(stage) -> None:
    notes = [Note(bar * BAR, BAR, p) for bar, ps in enumerate(((48, 64, 67, 72), (53, 65, 69, 72))) for p in ps]
    stage.draw(*notes)


def test_chords_are_found_in_the_notes_as_one_step(stage) -> None:
    stage.do("find_chords")
    assert stage.studio.status._said == NO_NOTES
    assert not stage.studio.roll.chords.isVisible()
    triads(stage)
    stage.do("find_chords")
    assert chords(stage) == [(0, 1, "C"), (1, 2, "F")]
    assert stage.studio.roll.chords.isVisible()
    assert stage.studio.status._said == "Found 2 chords"
    assert stage.preferences.value.chord_lane
    stage.do("clear_chords")
    assert chords(stage) == []
    assert not stage.studio.actions["clear_chords"].isEnabled()
    stage.do("undo")
    stage.do("undo")
    assert chords(stage) == []
    assert len(stage.notes) == 8


def test_chords_guide_while_they_show_and_the_switch_is_on(stage, monkeypatch, tmp_path) -> None:
    family = Family("guided", "Guided", "note", lambda _manifest: stage.generator, is_guided=True)
    monkeypatch.setitem(FAMILIES, "guided", family)
    stage.models = Listing((Manifest("guided", "Guided", "guided", tmp_path),), ())
    stage.studio.refresh_models()
    stage.until(lambda: stage.studio.panel.wish.model == "guided")
    triads(stage)
    panel = stage.studio.panel
    assert not panel.follow.isVisible()
    stage.do("find_chords")
    assert panel.follow.isVisible()

    def asked() -> tuple:
        stage.do("continue")
        stage.until(lambda: panel.take.stage is TakeStage.WAITING)
        stage.do("reject")
        return stage.generator.requests[-1].chords

    c, f = (Chord.parse(name).mask for name in "CF")
    assert asked() == ((0, c), (BAR, f), (2 * BAR, 0))
    QTest.mouseClick(panel.follow, LEFT)
    assert (asked(), stage.preferences.value.follow_chords) == ((), False)
    QTest.mouseClick(panel.follow, LEFT)
    stage.do("chords")
    assert asked() == ()
    assert not stage.studio.roll.chords.isVisible()


def test_chords_are_saved_and_a_piece_with_chords_shows_them(stage) -> None:
    stage.do("chords")
    write(stage, 0, "Ebmaj7")
    assert stage.document.is_modified
    stage.do("save_as")
    assert not stage.document.is_modified
    saved = read_project(stage.answers.to_project).score
    assert saved.chords == (ChordSpan(0, BAR, Chord.parse("Ebmaj7")),)
    stage.do("chords")
    stage.document.load(Score(), None)
    assert not stage.studio.roll.chords.isVisible()
    stage.document.load(saved, None)
    assert stage.studio.roll.chords.isVisible()
    assert stage.studio.actions["chords"].isChecked()
    assert not stage.preferences.value.chord_lane


def test_the_corner_finds_and_hides(stage) -> None:
    triads(stage)
    stage.do("chords")
    corner = stage.studio.roll._chord_corner
    QTest.mouseClick(corner.finder, LEFT)
    assert len(chords(stage)) == 2
    QTest.mouseClick(corner.hide_lane, LEFT)
    assert not stage.studio.roll.chords.isVisible()
    assert not corner.isVisible()


def test_another_metre_and_zooms_paint_without_a_word(three) -> None:
    stage = three
    before = stage.studio.roll.chords.grab().toImage()
    for _ in range(12):
        stage.do("zoom_out")
        stage.studio.roll.chords.grab()
    assert stage.studio.roll.chords.grab().toImage() != before
