"""Settings come back as they were saved; what is damaged gives the default and one logged line."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musegen_app import settings
from musegen_app.errors import FileError
from musegen_app.settings import MAX_RECENT, Settings

CHANGED = Settings(
    theme="dark",
    port="Synth — läuft",
    model="flagship",
    style="hymn",
    bars=4,
    temperature=0.9,
    lock_key=False,
    metronome=True,
    folder="/music",
    recent_files=("/music/a.mid", "/music/b.mid"),
    window=(10, -20, 1280, 800),
)


def test_every_setting_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "config" / "settings.json"
    settings.save(CHANGED, path)
    assert settings.load(path) == CHANGED
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_the_user_s_config_folder_is_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSEGEN_HOME", str(tmp_path))
    settings.save(replace(Settings(), bars=3))
    assert (tmp_path / "config" / "settings.json").is_file()
    assert settings.load().bars == 3


def test_the_first_start_has_the_defaults_and_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert settings.load(tmp_path / "settings.json") == Settings()
    assert not caplog.records


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_damaged_file_gives_the_defaults_and_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert settings.load(path) == Settings()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    caplog.clear()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", ["dark"]),
        ("bars", 0),
        ("bars", 2.5),
        ("bars", True),
        ("temperature", float("nan")),
        ("temperature", "1"),
        ("lock_key", 1),
        ("recent_files", ["a", 3]),
        ("window", [0, 0, 0, 100]),
        ("window", [0, 0, 100]),
        ("window", "full"),
        ("port", None),
    ],
)
def test_a_wrong_value_costs_only_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, value: object) -> None:
    path = tmp_path / "settings.json"
    settings.save(CHANGED, path)
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**raw, name: value}), encoding="utf-8")
    expected = replace(CHANGED, **{name: getattr(Settings(), name)})
    assert settings.load(path) == expected
    (record,) = caplog.records
    assert name in record.getMessage()
    caplog.clear()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(Settings.__slots__)), JSON))
def test_whatever_stands_in_the_file_the_program_starts(tmp_path_factory: pytest.TempPathFactory, raw: object) -> None:
    path = tmp_path_factory.mktemp("config") / "settings.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    logging.disable(logging.WARNING)
    try:
        loaded = settings.load(path)
    finally:
        logging.disable(logging.NOTSET)
    hash(loaded)
    settings.save(loaded, path)
    assert settings.load(path) == loaded


def test_settings_of_another_version_are_kept_where_known(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"bars": 16, "from_the_future": true}')
    assert settings.load(path) == replace(Settings(), bars=16)
    assert not caplog.records


def test_a_failed_save_says_so_and_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FileError, match="cannot be saved"):
        settings.save(Settings(), tmp_path / "file" / "settings.json")


def test_recent_files_are_newest_first_and_few() -> None:
    now = Settings()
    for number in [*range(20), 15]:
        now = replace(now, recent_files=now.with_recent(Path(f"{number}.mid")))
    assert len(now.recent_files) == MAX_RECENT
    assert now.recent_files[:3] == ("15.mid", "19.mid", "18.mid")
