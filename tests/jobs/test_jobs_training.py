"""The training process: what it tells, how it ends, and that it never outlives whoever started it. And its order."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted import until

from musegen_app.errors import MuseGenError, TrainingError
from musegen_app.jobs import training_needs
from musegen_app.jobs.training import UNEXPECTED, TrainingProcess
from musegen_app.jobs.training_events import (
    Broke,
    Done,
    Found,
    Making,
    Measured,
    Progressed,
    Reading,
    Sampled,
    Saved,
    Stopped,
    TrainingEvent,
    event_of,
)
from musegen_app.jobs.training_order import ADAPT, TrainingOrder, free_name, sweep, unfinished

CHILD = Path(__file__).parent / "training_child.py"
PATIENCE_S = 30.0
WELL = [Reading(1, 2), Found(1, 1, 20, ("a.mid is broken.",)), Measured(10, 2.5, None), Making("exporting")]
DONE = Done("m", Path("/models/m"))


class Heard:
    """A training whose events are kept."""

    def __init__(self, *command: str) -> None:
        self.events: queue.Queue[TrainingEvent] = queue.Queue()
        self.lines: list[str] = []
        self.process = TrainingProcess(command, self.events.put, self.lines.append)

    def next(self) -> TrainingEvent:
        return self.events.get(timeout=PATIENCE_S)

    def rest(self) -> list[TrainingEvent]:
        """All that comes, to the end."""
        heard = [self.next()]
        while not isinstance(heard[-1], Done | Stopped | Broke):
            heard.append(self.next())
        return heard


@pytest.fixture
def started() -> Iterator[Callable[[str], Heard]]:
    made: list[Heard] = []

    def start(kind: str) -> Heard:
        made.append(Heard(sys.executable, str(CHILD), kind))
        made[-1].process.start()
        return made[-1]

    yield start
    for heard in made:
        heard.process.close()


def test_its_events_come_in_order_and_its_end_once_it_is_gone(started: Callable[[str], Heard]) -> None:
    heard = started("ends_well")
    assert heard.rest() == [*WELL, DONE]
    assert len(heard.lines) == 5


def test_lines_that_are_no_events_are_passed_over(started: Callable[[str], Heard]) -> None:
    assert started("says_rubbish").rest() == [*WELL, DONE]


def test_finish_is_heard(started: Callable[[str], Heard]) -> None:
    heard = started("waits")
    assert heard.next() == Saved()
    heard.process.finish()
    assert heard.rest()[-1] == DONE


def test_stop_is_heard(started: Callable[[str], Heard]) -> None:
    heard = started("waits")
    heard.process.stop()
    assert heard.rest() == [Saved(), Stopped()]


def test_killed_it_counts_as_stopped(started: Callable[[str], Heard]) -> None:
    heard = started("is_deaf")
    assert heard.next() == Saved()
    heard.process.kill()
    assert heard.rest() == [Stopped()]
    heard.process.finish()  # nobody hears it, and nobody minds


def test_closed_it_ends_by_itself_and_says_no_more(started: Callable[[str], Heard]) -> None:
    heard = started("waits")
    assert heard.next() == Saved()
    heard.process.close()
    assert heard.events.empty()
    heard.process.close()


def test_one_that_does_not_listen_is_ended_when_patience_is_over(started: Callable[[str], Heard]) -> None:
    heard = started("is_deaf")
    assert heard.next() == Saved()
    heard.process.close(patience_s=0.05)
    assert heard.events.empty()


def has_ended(pid: int) -> bool:
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # gone, at the latest while it was read
        return True


def test_when_whoever_started_it_is_killed_it_ends_too() -> None:
    program = (
        "import sys, time\nfrom musegen_app.jobs.training import TrainingProcess\n"
        f"p = TrainingProcess([sys.executable, {str(CHILD)!r}, 'waits'], lambda e: None)\n"
        "p.start()\nprint(p.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    until(lambda: has_ended(pid))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("fails", "There is nothing to learn."),
        ("fails_early", "The folder cannot be read."),
        ("has_a_fault", UNEXPECTED),
        ("dies", UNEXPECTED),
        ("ends_too_soon", UNEXPECTED),
    ],
)
def test_a_bad_end_is_one_sentence(started: Callable[[str], Heard], kind: str, sentence: str) -> None:
    assert started(kind).rest()[-1] == Broke(sentence)


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(TrainingError, match="could not be started"):
        Heard("/nowhere/python").process.start()


def test_it_lets_the_window_and_the_player_go_first(
    started: Callable[[str], Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    told = started("tells_its_priority").next()
    assert isinstance(told, Reading)
    assert told.done >= 10
    assert told.total == max((os.cpu_count() or 2) - 1, 1)


def test_progress_is_read_whole() -> None:
    line = (
        '{"event":"progress","spent":1.2,"seconds":3,"left_s":4.5,"units":100,"unit":"column","loss":2.5,'
        '"held_out":null,"notes_per_s":10,"pieces_per_s":0.5}'
    )
    assert event_of(line) == Progressed(1.0, 4.5, 100, "column", 2.5, None, 10.0, 0.5)


# --- the order ------------------------------------------------------------------------------------------------------------


def order_in(models: Path, family: str = "rbm", name: str = "airs") -> TrainingOrder:
    return TrainingOrder(models / "music", models / name, family, 12.5, "Slow airs", as_published=True)


def test_the_command_line_is_one_that_the_terminal_knows(tmp_path: Path) -> None:
    from musegen_app.cli.main import build_parser

    order = order_in(tmp_path)
    args = build_parser().parse_args(order.command(resume=True)[3:])
    assert (args.command, args.family, args.minutes, args.title) == ("train", "rbm", 12.5, "Slow airs")
    assert (args.folder, args.output) == (order.folder, order.output)
    assert (args.events, args.resume, args.as_published) == (True, True, True)
    args = build_parser().parse_args(order_in(tmp_path, ADAPT).command()[3:])
    assert (args.command, args.model, args.events, args.resume) == ("adapt", "flagship", True, False)


def test_a_stopped_training_is_found_again_with_its_curves(tmp_path: Path) -> None:
    order = order_in(tmp_path)
    order.begin()
    assert unfinished(tmp_path) == ()  # nothing was saved yet
    for line in ('{"event":"saved"}', '{"event":"held_out","units":9,"loss":3,"held_out":4}', "rubbish"):
        order.keep(line)
    order.keep('{"event":"sample","path":"/a.mid","units":9}\n')
    (order.work / "checkpoint.pt").touch()
    assert unfinished(tmp_path) == (order,)
    assert order.kept() == (Measured(9, 3.0, 4.0), Sampled(Path("/a.mid"), 9))
    (order.output / "model.json").touch()
    assert unfinished(tmp_path) == ()


def test_what_no_order_began_is_never_removed(tmp_path: Path) -> None:
    order = order_in(tmp_path)
    order.output.mkdir()
    order.discard()
    assert order.output.is_dir()
    order.begin()
    order.discard()
    assert not order.output.exists()


def test_old_leftovers_are_swept_and_what_can_go_on_stays(tmp_path: Path) -> None:
    dead, made, alive, fresh = (order_in(tmp_path, name=name) for name in ("dead", "made", "alive", "fresh"))
    for order in (dead, made, alive, fresh):
        order.begin()
        if order is not fresh:
            os.utime(order.work / "order.json", (1e9, 1e9))
    (made.output / "model.json").touch()
    (alive.work / "checkpoint.pt").touch()
    (tmp_path / "odd" / "training").mkdir(parents=True)
    (tmp_path / "odd" / "training" / "order.json").write_text("[]")
    sweep(tmp_path)
    assert not dead.output.exists()
    assert (made.output / "model.json").exists()
    assert not made.work.exists()
    assert alive.can_go_on
    assert fresh.work.is_dir()
    assert unfinished(tmp_path) == (alive,)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(TrainingError, match="cannot be written"):
        order_in(tmp_path / "models").begin()


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [
        ("Slow airs", (), "slow-airs"),
        ("Slow airs", ("slow-airs", "slow-airs-2"), "slow-airs-3"),
        ("Händel / Suiten (2)", (), "handel-suiten-2"),
        ("../../etc", (), "etc"),
        ("音楽", (), "my-model"),
        ("x" * 200, (), "x" * 40),
    ],
)
def test_names_are_safe_and_free(title: str, taken: tuple[str, ...], name: str) -> None:
    assert free_name(title, taken) == name


# --- what training needs --------------------------------------------------------------------------------------------------


def test_with_everything_installed_nothing_is_missing() -> None:
    assert training_needs.missing() is None


def test_without_the_packages_the_command_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(training_needs, "_NEEDED", ("a_package_that_is_not_there",))
    checkout = training_needs.missing()
    assert checkout is not None
    assert checkout.command.endswith("pip install -c constraints.txt '.[train]'")
    monkeypatch.setattr(training_needs, "bundle_dir", lambda: tmp_path)
    installed = training_needs.missing()
    assert installed is not None
    assert installed.command == 'pip install "musegen[train]"'
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    frozen = training_needs.missing()
    assert frozen is not None
    assert (frozen.command, "from its source" in frozen.sentence) == ("", True)


def test_a_broken_index_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "index.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(MuseGenError, match=r"index\.tsv"):
        training_needs.look_into(tmp_path)
