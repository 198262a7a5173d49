"""Whether the JACK server that we are a client of still lives.

A client of a server that died is told nothing through rtmidi: the ports it lists stay as they were, and what it sends
piles up until sending waits for ever. The server's socket tells.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Final

_FOLDERS: Final = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108  where libjack looks for it
_PATIENCE_S: Final = 0.2


def server_socket() -> Path | None:
    """The socket of the user's JACK server; None where there is none to be found (then nothing can be told by it)."""
    if sys.platform == "win32":
        return None
    name = f"jack_{os.environ.get('JACK_DEFAULT_SERVER', 'default')}_{os.getuid()}_0"
    return next((folder / name for folder in _FOLDERS if (folder / name).is_socket()), None)


def answers(server: Path) -> bool:
    """Whether somebody listens at the socket; a server that was killed leaves its socket behind."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_PATIENCE_S)
        try:
            line.connect(str(server))
        except OSError:
            return False
    return True
