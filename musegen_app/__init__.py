"""MuseGen: draw a seed, hear it continued, keep the take you like."""

__version__ = "0.1.0"
