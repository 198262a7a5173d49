"""Takes that were kept, liked or locked come back with the project, and after a crash."""

from __future__ import annotations

from takes_scene import cards, continue_, pitches, settle, shown_card

from musegen_app.files import read_project
from musegen_app.ui.flows.autosave import Autosave
from musegen_app.ui.panels.take_box import Stage as TakeStage


def kept_two(many) -> None:
    """Eight takes: the second one drawn is kept, a note of the first one, which shows, locked and another liked."""
    continue_(many)
    assert many.document.shelf.shown == 0
    many.studio.taking.star(1)
    first = many.document.ghosts.id.tolist()
    many.studio.playing.seek(int(many.document.ghosts.start[0]))
    many.do("lock_note")
    many.studio.playing.seek(int(many.document.ghosts.start[1]))
    many.do("like_note")
    assert (len(many.document.take.locks), len(many.document.take.likes), len(first)) == (1, 1, 32)


def test_kept_takes_come_back_with_rank_likes_and_locks(many, tmp_path) -> None:
    kept_two(many)
    assert "•" in many.studio.bar.title.text()
    ghosts, ranks = pitches(many.document.ghosts), [take.verdict.rank for take in many.document.shelf.takes[:2]]
    path = many.answers.to_project = tmp_path / "kept.musegen"
    many.do("save")
    assert "•" not in many.studio.bar.title.text()
    assert len(read_project(path).takes["takes"]) == 2
    many.do("new")
    settle(many)
    assert cards(many) == []
    many.studio.files.open_path(path)
    many.until(lambda: len(many.document.shelf.takes) == 2)
    settle(many)
    assert sorted(card.view.take.verdict.rank for card in cards(many)) == sorted(ranks)
    assert [card.view.take.is_starred for card in cards(many)].count(True) == 1
    take = shown_card(many).view.take
    assert (pitches(take.ghosts), len(take.locks), len(take.likes)) == (ghosts, 1, 1)
    assert not many.document.is_modified
    assert many.studio.panel.take.stage is TakeStage.WAITING
    many.do("accept")
    assert len(many.notes) == 36
    assert [take.is_starred for take in many.document.shelf.takes] == [True]


def test_kept_takes_and_those_of_the_day_do_not_mix(many, tmp_path) -> None:
    kept_two(many)
    many.do("reject")
    path = many.answers.to_project = tmp_path / "kept.musegen"
    many.do("save")
    many.studio.files.open_path(path)
    before = many.document.shelf.takes
    many.until(lambda: many.document.shelf.takes and many.document.shelf.takes is not before)
    kept = many.document.shelf.takes[0]
    assert many.document.take is None
    assert many.studio.panel.take.stage is TakeStage.IDLE
    continue_(many)
    assert len(cards(many)) == 9
    assert many.document.shelf.takes[-1].ghosts == kept.ghosts
    assert cards(many)[-1].view.take.is_starred
    many.studio.taking.hear(8)
    many.studio.taking.replay(kept.generation)
    many.until(lambda: len(many.generator.requests) >= 3)
    assert many.generator.requests[-1].seed_number == kept.request.seed_number


def test_a_crash_leaves_kept_takes_too(many) -> None:
    kept_two(many)
    crashed = Autosave(many.studio.files.project, lambda: None, many.background)
    crashed.save_now()
    many.until(crashed.file.exists)
    crashed._lock.unlock()
    many.do("new")
    many.studio.restoring.offer((crashed.file,))
    many.window.notice._way_out.click()
    assert len(many.document.shelf.takes) == 2
    assert len(many.document.take.locks) == 1


def test_a_damaged_take_is_told_and_the_rest_comes_back(many, tmp_path) -> None:
    kept_two(many)
    project = many.studio.files.project()
    project.takes["takes"][1]["ghosts"] = "gone"
    assert many.studio.files.restore(project, None)
    assert len(many.document.shelf.takes) == 1
    assert "One kept take is damaged" in many.window.notice.text
