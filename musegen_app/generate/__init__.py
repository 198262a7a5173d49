"""Models at work: manifests, sessions, sampling, constraints, continuation. No threads, no Qt, no torch."""

from musegen_app.generate.constraints import ascending_mask, pitch_mask, range_mask
from musegen_app.generate.families import FAMILIES, Control, Family
from musegen_app.generate.manifest import DataSource, Manifest, Tensor
from musegen_app.generate.registry import DEFAULT_MODEL, Listing, available, broken, find, listing, load
from musegen_app.generate.request import GeneratedNote, GenerateRequest, Generator, Sampling, span_of

__all__ = [
    "DEFAULT_MODEL",
    "FAMILIES",
    "Control",
    "DataSource",
    "Family",
    "GenerateRequest",
    "GeneratedNote",
    "Generator",
    "Listing",
    "Manifest",
    "Sampling",
    "Tensor",
    "ascending_mask",
    "available",
    "broken",
    "find",
    "listing",
    "load",
    "pitch_mask",
    "range_mask",
    "span_of",
]
