"""Read whole files, with errors a musician understands."""

from __future__ import annotations

import stat
from pathlib import Path

from musegen_app.errors import FileError


def read_bytes(path: Path, max_bytes: int, what: str) -> bytes:
    """Content of the ordinary file ``path``; ``what`` names the kind of file in errors ("MIDI file"). Any thread.

    Raises:
        FileError: it is missing, a folder or a device, may not be read, is empty, or is larger than ``max_bytes``.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileError(f"{path.name} is a folder, not a {what}.", path)
        if not stat.S_ISREG(mode):
            raise FileError(f"{path.name} is not an ordinary file.", path)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise FileError(f"{path.name} does not exist.", path) from error
    except PermissionError as error:
        raise FileError(f"{path.name} may not be read: permission denied.", path) from error
    except (OSError, ValueError) as error:
        raise FileError(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}.", path) from error
    if not data:
        raise FileError(f"{path.name} is empty.", path)
    if len(data) > max_bytes:
        raise FileError(f"{path.name} is larger than {max_bytes >> 20} MB, too large for a {what}.", path)
    return data
