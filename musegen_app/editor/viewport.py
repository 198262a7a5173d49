"""What part of the music a widget shows: ticks to x and pitches to y, in logical pixels, and zooming."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from musegen_app.score import TICKS_PER_QUARTER

MIN_PX_PER_TICK: Final = 0.5 / TICKS_PER_QUARTER
MAX_PX_PER_TICK: Final = 400.0 / TICKS_PER_QUARTER
ROW_PX: Final = 14.0
MIN_ROW_PX: Final = 4.0
MAX_ROW_PX: Final = 40.0
PITCHES: Final = 128
_SPARE_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class Viewport:
    """Immutable. ``left_tick`` is at x = 0; ``top_px`` is how far down the 128 rows (127 on top) the view begins."""

    width: float = 800.0
    height: float = 600.0
    px_per_tick: float = 53.0 / (4 * TICKS_PER_QUARTER)
    row_px: float = ROW_PX
    left_tick: float = 0.0
    top_px: float = 0.0

    # --- mapping ------------------------------------------------------------------------------------------------------

    def x_of(self, tick: float) -> float:
        """Pixels from the left edge."""
        return (tick - self.left_tick) * self.px_per_tick

    def tick_of(self, x: float) -> float:
        """The tick at ``x``."""
        return self.left_tick + x / self.px_per_tick

    def y_of(self, pitch: float) -> float:
        """Top edge of a pitch's row."""
        return (PITCHES - 1 - pitch) * self.row_px - self.top_px

    def pitch_of(self, y: float) -> int:
        """The pitch whose row holds ``y``, kept within 0–127."""
        return min(max(PITCHES - 1 - int((y + self.top_px) // self.row_px), 0), PITCHES - 1)

    @property
    def right_tick(self) -> float:
        """The tick at the right edge."""
        return self.tick_of(self.width)

    # --- moving -------------------------------------------------------------------------------------------------------

    def clamped(self) -> Viewport:
        """Kept to what there is to see: not before tick 0, not above pitch 127 nor below 0."""
        row = min(max(self.row_px, MIN_ROW_PX, self.height / PITCHES), MAX_ROW_PX)
        px = min(max(self.px_per_tick, MIN_PX_PER_TICK), MAX_PX_PER_TICK)
        top = min(max(self.top_px, 0.0), max(PITCHES * row - self.height, 0.0))
        return replace(self, row_px=row, px_per_tick=px, left_tick=max(self.left_tick, 0.0), top_px=top)

    def resized(self, width: float, height: float) -> Viewport:
        """Another size, the left edge and the top kept."""
        return replace(self, width=width, height=height).clamped()

    def scrolled(self, dx_px: float, dy_px: float) -> Viewport:
        """Moved right and down."""
        return replace(self, left_tick=self.left_tick + dx_px / self.px_per_tick, top_px=self.top_px + dy_px).clamped()

    def zoomed(self, factor: float, x: float) -> Viewport:
        """Wider by ``factor``; the tick at ``x`` stays there."""
        px = min(max(self.px_per_tick * factor, MIN_PX_PER_TICK), MAX_PX_PER_TICK)
        return replace(self, px_per_tick=px, left_tick=self.tick_of(x) - x / px).clamped()

    def zoomed_rows(self, factor: float, y: float) -> Viewport:
        """Rows higher by ``factor``; what is at ``y`` stays there."""
        row = min(max(self.row_px * factor, MIN_ROW_PX), MAX_ROW_PX)
        return replace(self, row_px=row, top_px=(self.top_px + y) * row / self.row_px - y).clamped()

    def fitted(
        self, start_tick: float, end_tick: float, low_pitch: int, high_pitch: int, least_row_px: float = MIN_ROW_PX
    ) -> Viewport:
        """Showing this range of time, its pitches in the middle; rows shrink for them, but not below ``least_row_px``."""
        span = max(end_tick - start_tick, TICKS_PER_QUARTER * 4.0)
        px = min(max(self.width * 0.96 / span, MIN_PX_PER_TICK), MAX_PX_PER_TICK)
        row = min(max(self.height / (high_pitch - low_pitch + 1 + _SPARE_ROWS), least_row_px), ROW_PX)
        shown = replace(self, px_per_tick=px, row_px=row, left_tick=start_tick).clamped()
        return shown.centred(low_pitch, high_pitch)

    def centred(self, low_pitch: int, high_pitch: int) -> Viewport:
        """The middle of these pitches in the middle of the height."""
        middle = (PITCHES - (low_pitch + high_pitch) / 2 - 0.5) * self.row_px
        return replace(self, top_px=middle - self.height / 2).clamped()
