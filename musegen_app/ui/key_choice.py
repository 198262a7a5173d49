"""Which key holds: found from the notes, none, or one the musician chose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from musegen_app.score import Key, KeyGuess


class KeyMode(Enum):
    """How the key is chosen."""

    AUTO = auto()
    OFF = auto()
    LOCKED = auto()


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """``locked`` is the musician's key, ``found`` the likeliest one of the notes."""

    mode: KeyMode = KeyMode.AUTO
    locked: Key | None = None
    found: KeyGuess | None = None

    @property
    def key(self) -> Key | None:
        """The key that holds."""
        match self.mode:
            case KeyMode.LOCKED:
                return self.locked
            case KeyMode.AUTO:
                return self.found.key if self.found else None
            case KeyMode.OFF:
                return None

    @property
    def words(self) -> str:
        """As the transport shows it."""
        match self.mode:
            case KeyMode.LOCKED:
                return f"{self.locked.name}, locked" if self.locked else "–"
            case KeyMode.AUTO:
                return self.found.key.name if self.found else "Auto"
            case KeyMode.OFF:
                return "Off"
