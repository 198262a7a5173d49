from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from musegen_app.errors import FileError
from musegen_app.files.atomic import write_atomic


def test_an_existing_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "song.mid"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomic(b"new", path)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomic(b"new", tmp_path / "ours")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.mid", tmp_path / "link.mid"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomic(b"new", link)
    assert real.read_bytes() == b"new"
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/song.mid", "the folder does not exist"),
        ("file/song.mid", "the folder does not exist"),
        ("folder", "a folder has that name"),
        ("x" * 300, "the name is too long"),
        ("loop/song.mid", "."),
        ("nul\0.mid", "."),
    ],
)
def test_where_nothing_can_be_written_a_sentence_says_why(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(FileError, match="could not be written: .*" + reason.replace(".", r"\.")):
        write_atomic(b"new", tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def _written_by_another_process(path: Path, preparation: str) -> str:
    """What writing 100 kB to ``path`` says in a process that ran ``preparation`` first."""
    code = (
        "import os, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from musegen_app.errors import FileError\n"
        "from musegen_app.files.atomic import write_atomic\n"
        f"{preparation}\n"
        "try: write_atomic(bytes(100_000), Path(sys.argv[1]))\n"
        "except FileError as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    return ran.stdout.strip()


def test_when_the_disk_takes_no_more_the_old_file_is_intact(tmp_path: Path) -> None:
    """A limit on file size stands for a full disk: the kernel refuses the write half-way, as it would then."""
    path = tmp_path / "song.mid"
    path.write_bytes(b"old")
    limit = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    assert (
        _written_by_another_process(path, limit)
        == "song.mid could not be written: the disk does not take files of this size."
    )
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["song.mid"]


def test_a_folder_one_may_not_write_to(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "song.mid").write_bytes(b"old")
    folder.chmod(0o555)
    other_user = (
        "os.getuid() == 0 and (os.chdir(sys.argv[1].rpartition('/')[0]), os.setuid(65534)); sys.argv[1] = 'song.mid'"
    )
    _open_way_to(folder)
    said = _written_by_another_process(folder / "song.mid", other_user if os.getuid() == 0 else "")
    assert said == "song.mid could not be written: the folder is not writable."
    assert (folder / "song.mid").read_bytes() == b"old"
    folder.chmod(0o755)


def _open_way_to(folder: Path) -> None:
    """Let other users pass through the test's own folders."""
    for parent in list(folder.parents)[:3]:
        if parent.stat().st_uid == os.getuid() and "pytest" in str(parent):
            parent.chmod(parent.stat().st_mode | 0o055)
