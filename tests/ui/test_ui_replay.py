"""Where notes came from is kept with the piece, and one click draws them once more."""

from __future__ import annotations

from dataclasses import replace

from takes_scene import BAR, cards, continue_, pitches, settle

from musegen_app.files import read_project
from musegen_app.score import GENERATED, Change
from musegen_app.score.provenance import numbers_of
from musegen_app.ui.flows.generating import UNKNOWN
from musegen_app.ui.flows.replaying import BY_HAND, EDITED, OTHER_MODEL
from musegen_app.ui.panels.take_box import Stage as TakeStage


def saved_and_opened(stage) -> None:
    stage.do("save_as")
    path = stage.answers.to_project
    assert read_project(path).provenance
    stage.do("new")
    settle(stage)
    assert not stage.document.sources.provenance
    stage.studio.files.open_path(path)
    stage.until(lambda: stage.document.score.note_count > 0)


def replay(stage) -> None:
    before = stage.generator.requests[-1]
    made = stage.notes.take((stage.notes.flags & GENERATED) > 0)
    stage.document.select(made.id.tolist())
    stage.do("replay")
    stage.until(lambda: stage.generator.requests[-1] is not before)
    stage.until(lambda: stage.studio.panel.take.stage is TakeStage.WAITING)


def test_replay_gives_the_same_notes_after_saving_and_opening(many) -> None:
    continue_(many)
    many.studio.taking.hear(5)
    many.do("accept")
    accepted = pitches(many.notes)
    saved_and_opened(many)
    assert (numbers_of(many.notes)[4:] == 1).all()
    replay(many)
    assert pitches(many.document.ghosts) == accepted[4:]
    assert many.document.take.number == 5
    many.do("accept")
    assert pitches(many.notes) == accepted
    assert len(many.document.sources.provenance) == 1


def test_replay_from_a_midi_file(many) -> None:
    continue_(many)
    many.do("accept")
    accepted = pitches(many.notes)
    many.do("export")
    before = many.document.score
    many.studio.files.open_path(many.answers.to_midi)
    many.until(lambda: many.document.score is not before)
    assert many.document.shelf.takes == ()
    replay(many)
    assert pitches(many.document.ghosts) == accepted[4:]


def test_replay_says_what_is_not_as_it_was(many) -> None:
    told: list[str] = []
    many.studio.generating.told.connect(told.append)
    continue_(many)
    many.studio.taking.use_bars(3, (2 * BAR, 3 * BAR))
    many.do("accept")
    drawn = many.generator.requests[-1]
    replay(many)
    assert told == [BY_HAND]
    many.do("reject")
    first = many.notes.take(slice(0, 1))
    moved = Change.of_notes(many.document.active_track_id, removed=first)
    many.document.edit("Delete", moved)
    (generation,) = many.document.sources.provenance
    record = {**generation.record, "sha256": "ab" * 32}
    many.document.sources = replace(many.document.sources, provenance=(replace(generation, record=record),))
    replay(many)
    assert told[-1] == f"{OTHER_MODEL} {EDITED} {BY_HAND}"
    assert pitches(many.generator.requests[-1].notes) == pitches(drawn.notes)


def test_replay_of_a_model_that_is_gone_or_of_nothing_is_one_sentence(many) -> None:
    told: list[str] = []
    many.studio.taking._say = told.append
    many.do("replay")
    many.document.select(many.notes.id.tolist())
    many.do("replay")
    continue_(many)
    many.do("accept")
    many.studio.generating.know(())
    many.studio.taking.replay(1)
    many.studio.taking.replay(77)
    damaged = replace(many.document.sources.provenance[0], record={"format": 1, "model": 5})
    many.document.sources = replace(many.document.sources, provenance=(damaged,), asked={})
    many.studio.taking.replay(1)
    assert told[0] == "Select notes that were generated."
    assert told[1] == told[3] == UNKNOWN
    assert "is not installed" in told[2]
    assert "damaged" in told[4]
    assert len(many.generator.requests) == 1


def test_the_history_lists_what_was_accepted(many) -> None:
    assert not many.studio.track_panel.takes.history.isEnabled()
    continue_(many)
    many.do("accept")
    settle(many)
    assert many.studio.track_panel.takes.history.isEnabled()
    many.studio.track_panel.takes.open_history()
    menu = many.studio.track_panel.takes._menu()
    many.studio.taking.fill_history(menu)
    (action,) = menu.actions()
    number = many.generator.requests[-1].seed_number
    assert action.text() == f"Replay bars 2–9: Scale, seed number {number}, take 1"
    action.trigger()
    many.until(lambda: len(many.generator.requests) == 2)
    many.until(lambda: many.studio.panel.take.stage is TakeStage.WAITING)
    assert many.generator.requests[1].seed_number == number
    menu.close()


def test_another_piece_takes_its_takes_with_it(many) -> None:
    continue_(many)
    many.studio.taking.star(0)
    many.do("new")
    settle(many)
    assert cards(many) == []
    assert not many.studio.track_panel.takes.isVisible()
