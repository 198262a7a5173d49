"""Memory of a process that is its own: what the system reads in of files, and lets go again, is not counted."""

from __future__ import annotations

from pathlib import Path


def private_bytes(pid: int | str = "self") -> int:
    """Resident anonymous memory in bytes (``RssAnon`` of Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    return kilobytes * 1024
