"""Training shares the tiny model of the other tests, and one core, so that tests run side by side."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tiny_model"))
torch.set_num_threads(1)
