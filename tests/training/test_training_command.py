"""The command, from a folder to a model that continues: what it says, how it ends, and how it goes on after a kill."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from training_music import tune, write_folder

from musegen_app.errors import TrainingError
from musegen_app.files import read_midi
from musegen_app.generate import GenerateRequest, find, load
from musegen_app.training import command, samples
from musegen_app.training.checkpoint import read_checkpoint
from musegen_app.training.events import JsonVoice
from musegen_app.training.progress import Progress, Wish
from musegen_app.training.task import Counts

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0


def ordered(folder: Path, output: Path, **more: Any) -> argparse.Namespace:
    return argparse.Namespace(folder=folder, output=output, **{"hidden": 16, "layers": 1, "epochs": 2.0, **more})


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "music", songs=4, hymns=2)
    (folder / "songs" / "broken.mid").write_bytes(b"MThd")
    return folder


def test_from_a_folder_to_a_model_that_continues(music: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "models" / "my-songs"
    assert command.run(ordered(music, output)) == 0
    heard = capfd.readouterr()
    assert "broken.mid" in heard.out
    assert "6 pieces" not in heard.out  # one is held out
    assert "5 pieces with" in heard.out
    assert "largest difference to PyTorch" in heard.out
    assert all(words in heard.err for words in ("loss", "notes/s", "pieces/s"))

    manifest = find("my-songs", [tmp_path / "models"])
    assert manifest.title == "My songs"
    assert manifest.styles == ("hymns", "songs")
    assert manifest.notes_per_s > 0
    assert {data.set for data in manifest.data} == {"hymns", "songs"}
    nats, counted = (manifest.metric(f"{kind}nats_per_note") for kind in ("", "unigram_"))
    assert nats is not None
    assert counted is not None
    card = (output / "CARD.md").read_text(encoding="utf-8")
    assert f"{nats:.3f}" in card
    assert f"{counted:.3f}" in card
    assert "| hymns |" in card
    assert "Continuations of 4 bars" in card
    assert "| copied |" in card
    seed = tune(1).tracks[0].notes
    assert list(load(manifest).generate(GenerateRequest(seed, tune(1).timeline, 2), lambda: False))

    assert command.run(ordered(music, output, resume=True, epochs=3.0)) == 0
    units = read_checkpoint(output / "training" / "checkpoint.pt")["progress"]["units"]
    notes_in_folder = sum(len(tune(n).tracks[0].notes) + 1 for n in range(4))
    assert units > 2.5 * notes_in_folder


@pytest.mark.parametrize(
    ("family", "wanted", "sentence"),
    [
        ("note-events", {"as_published": True, "layers": 0}, "nothing published"),
        ("rbm", {}, "one layer of hidden units; leave out --layers"),
        ("rbm", {"layers": 0, "as_published": True}, "leave out --hidden"),
        ("roll-lstm", {"as_published": True}, "leave out --layers"),
        ("chord-lstm", {"as_published": True}, "leave out --layers"),
    ],
)
def test_what_a_family_cannot_heed_is_refused(
    music: Path, tmp_path: Path, family: str, wanted: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        command.run(ordered(music, tmp_path / "m", family=family, **wanted))
    assert not (tmp_path / "m").exists()


def test_going_on_before_there_was_a_checkpoint_begins_anew(
    music: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "models" / "mine"
    with pytest.raises(TrainingError, match="no training to go on with"):
        command.run(ordered(music, output, resume=True))
    assert not output.exists()
    (output / "training").mkdir(parents=True)  # killed while it read
    assert command.run(ordered(music, output, resume=True)) == 0
    assert "it begins anew" in capfd.readouterr().out


# --- what the window hears ------------------------------------------------------------------------------------------------


def voice_told(lines: str) -> tuple[JsonVoice, io.StringIO]:
    out = io.StringIO()
    return JsonVoice(out, io.StringIO(lines)), out


def until(true: Callable[[], object]) -> None:
    latest = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.02)


@pytest.mark.parametrize(("lines", "wish"), [("finish\n", Wish.FINISH), ("stop\n", Wish.STOP), ("", Wish.STOP)])
def test_the_window_says_how_it_ends(lines: str, wish: Wish) -> None:
    voice, _ = voice_told(lines)
    until(lambda: voice.wish() is wish)


def test_news_are_lines_of_json() -> None:
    voice, out = voice_told("finish\n")
    voice.begin(Counts(10, 1000, 1000), "note")
    progress = Progress(steps=1, units=100, seconds=1.0)
    voice.progressed(progress, 0.1)
    progress.units, progress.seconds, progress.loss = 300, 2.0, 2.5
    voice._told_s = -1e9
    voice.progressed(progress, 0.25)
    voice.progressed(progress, 0.26)  # too soon to be told
    voice.checked(progress)
    first, told, checked = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["loss"], first["held_out"]) == ("progress", None, None)
    assert (told["notes_per_s"], told["pieces_per_s"], told["left_s"]) == (200, 2, 6)
    assert (checked["event"], checked["loss"]) == ("held_out", 2.5)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def train(music: Path, output: Path, *more: str) -> subprocess.Popen[str]:
        argv = ["train", str(music), "-o", str(output), "--hidden", "16", "--layers", "1", *more]
        pipe = subprocess.PIPE
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        line = [sys.executable, "-m", "musegen_app", *argv]
        started.append(subprocess.Popen(line, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield train
    for training in started:
        if training.poll() is None:
            training.kill()
            training.communicate()


def events_of(training: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert training.stdout is not None
    return (json.loads(line) for line in training.stdout)


@pytest.mark.timeout(300)  # it starts Python several times
def test_killed_in_the_middle_it_goes_on_and_ends_in_a_model(start: Start, music: Path, tmp_path: Path) -> None:
    output = tmp_path / "models" / "mine"
    killed = start(music, output, "--minutes", "2", "--events")
    events = events_of(killed)
    corpus = next(event for event in events if event["event"] == "corpus")
    assert (corpus["pieces"], corpus["held_out"]) == (5, 1)
    assert "broken.mid" in corpus["broken"][0]
    told = [event["event"] for event in takewhile(lambda event: event["event"] != "sample", events)]
    assert {"saved", "progress", "held_out"} <= set(told)
    next(event for event in events if event["event"] == "saved")
    killed.kill()
    killed.communicate()
    before = read_checkpoint(output / "training" / "checkpoint.pt")["progress"]
    assert before["steps"] > 0
    sample = read_midi(output / "training" / "sample-001.mid").score
    assert [track.name for track in sample.tracks] == ["Seed", "Continuation"]

    stopped = start(music, output, "--minutes", "2", "--resume", "--events")
    resumed = next(event for event in events_of(stopped) if event["event"] == "progress")
    assert resumed["units"] > before["units"]
    stopped.send_signal(signal.SIGTERM)  # asked politely it saves, and makes no model
    stopped.communicate(timeout=PATIENCE_S)
    assert stopped.returncode == command.STOPPED
    assert not (output / "model.json").exists()

    third = start(music, output, "--minutes", "2", "--resume", "--events")
    out, err = third.communicate("finish\n", timeout=PATIENCE_S)
    assert third.returncode == 0, err
    kinds = [json.loads(line)["event"] for line in out.splitlines()]
    assert kinds[-1] == "done"
    assert {"saved", "exporting", "measuring"} <= set(kinds)
    made = find("mine", [tmp_path / "models"])
    assert made.metric("nats_per_note") is not None
    assert read_checkpoint(output / "training" / "checkpoint.pt")["progress"]["steps"] > before["steps"]
    seed = tune(1).tracks[0].notes
    assert list(load(made).generate(GenerateRequest(seed, tune(1).timeline, 2), lambda: False))


def test_what_goes_wrong_is_told_to_the_window_too(start: Start, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    failed = start(tmp_path / "empty", tmp_path / "m", "--events")
    out, err = failed.communicate(timeout=PATIENCE_S)
    assert failed.returncode == 2
    assert [json.loads(line) for line in out.splitlines()] == [
        {"event": "failed", "message": f"There are no MIDI files in {tmp_path / 'empty'}."}
    ]
    assert err.count("\n") == 1


def test_samples_come_no_oftener_than_they_cost(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Path] = []
    monkeypatch.setattr(samples, "_LEAST_GAP_S", 0.0)
    monkeypatch.setattr(samples, "_SHARE", 1e-6)
    original = samples.Samples.draw

    def draw(self: samples.Samples) -> Path | None:
        first, second = original(self), original(self)
        assert second is None
        drawn.extend([first] if first else [])
        return first

    monkeypatch.setattr(samples.Samples, "draw", draw)
    assert command.run(ordered(music, tmp_path / "m", samples=True)) == 0
    assert [path.name for path in drawn] == ["sample-001.mid"]


# --- several processes ----------------------------------------------------------------------------------------------------

CURVE = """
import argparse, json, sys
from pathlib import Path
from musegen_app.training import command
from musegen_app.training.events import BarVoice
told = []
real = BarVoice.progressed
def progressed(self, progress, spent):
    told.append(progress.last)
    real(self, progress, spent)
BarVoice.progressed = progressed
folder, output, lanes = sys.argv[1:]
from musegen_app.training import task
from musegen_app.training.tasks import note_events
note_events.Recipe = lambda: task.Recipe(lanes=int(lanes))
code = command.run(argparse.Namespace(folder=folder, output=output, hidden=16, layers=1, epochs=30.0))
if told:
    Path(output, "losses.json").write_text(json.dumps(told))
sys.exit(code)
"""


@pytest.mark.timeout(300)  # it starts Python several times
def test_two_processes_learn_what_one_does_with_twice_the_batch(music: Path, tmp_path: Path) -> None:
    script = tmp_path / "curve.py"
    script.write_text(CURVE, encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}

    def losses(name: str, launcher: list[str], lanes: int) -> list[float]:
        done = subprocess.run(
            [sys.executable, *launcher, str(script), str(music), str(tmp_path / name), str(lanes)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found: list[float] = json.loads((tmp_path / name / "losses.json").read_text())
        return found

    crew = ["-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone", "--local_addr=127.0.0.1"]
    alone, together = losses("one", [], 4), losses("two", crew, 2)
    assert len(alone) == len(together) >= 20
    assert together == pytest.approx(alone, rel=1e-4)
    assert (tmp_path / "two" / "model.json").exists()
