"""A stretch of time marked "from here to there", to be filled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """Ticks of the two ends, None where an end is not set yet. Where both are, ``start`` is before ``end``."""

    start: int | None = None
    end: int | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        """Both ends, None before they are set."""
        return (self.start, self.end) if self.start is not None and self.end is not None else None

    def starting(self, tick: int) -> Marks:
        """From ``tick``; an end that would come before it is let go."""
        return Marks(tick, self.end if self.end is not None and self.end > tick else None)

    def ending(self, tick: int) -> Marks:
        """To ``tick``; a beginning that would come after it is let go."""
        return Marks(self.start if self.start is not None and self.start < tick else None, tick)

    def clicked(self, tick: int) -> Marks:
        """A click sets the one end, the next click the other, whichever side it is on; a third begins anew."""
        if (self.start is None and self.end is None) or self.span is not None:
            return Marks(tick)
        other = self.start if self.start is not None else self.end
        assert other is not None  # noqa: S101  exactly one end is set
        return Marks(*sorted((other, tick))) if other != tick else Marks()
