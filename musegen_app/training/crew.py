"""Several processes that train one network, as ``torchrun`` starts them; one process alone is a crew of one.

Each has its share of the lanes. The gradient is averaged by PyTorch's DistributedDataParallel, over gloo on processors and
NCCL on graphics cards, so that two processes learn what one would with twice the batch.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Crew:
    """This process's place: ``rank`` of ``size``, and the device it computes on."""

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def is_first(self) -> bool:
        """Whether this is the one that speaks, saves and exports."""
        return self.rank == 0

    def lanes(self, each: int) -> range:
        """The lanes of this process, where every process has ``each`` of them."""
        return range(self.rank, each * self.size, self.size)

    def wrapped(self, net: nn.Module) -> nn.Module:
        """The network, its gradient shared by the crew."""
        if self.size == 1:
            return net
        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(net, device_ids=ids, broadcast_buffers=False)

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """A stretch that the first process goes through before the others: what it keeps on disk, they find."""
        if self.size > 1 and not self.is_first:
            self._meet()
        yield
        if self.size > 1 and self.is_first:
            self._meet()

    def _meet(self) -> None:
        self.agreed(0.0)

    def summed(self, *values: Tensor) -> list[float]:
        """The values of all processes together."""
        together = torch.stack([value.detach().double() for value in values])
        if self.size > 1:
            dist.all_reduce(together)
        numbers: list[float] = together.tolist()
        return numbers

    def agreed(self, *values: float) -> list[float]:
        """What the first process says, to all."""
        if self.size == 1:
            return list(values)
        told = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        numbers: list[float] = told.tolist()
        return numbers


@contextmanager
def joined_crew() -> Iterator[Crew]:
    """The crew that the environment tells of (``RANK``, ``WORLD_SIZE``), left at the end; alone where there is none."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    has_gpu = torch.cuda.is_available()
    place = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", place) if has_gpu else torch.device("cpu")
    if size == 1:
        yield Crew(device=device)
        return
    dist.init_process_group("nccl" if has_gpu else "gloo")
    try:
        yield Crew(dist.get_rank(), size, device)
    finally:
        # The group's threads are joined only once nothing holds it. A network left over in a cycle would: and a thread that
        # frees its last tensor while the interpreter shuts down ends the process with SIGABRT.
        gc.collect()
        dist.destroy_process_group()


def moved(values: Any, device: torch.device) -> Any:
    """Tensors in nested tuples and named tuples, on ``device``; what is none stays."""
    if isinstance(values, Tensor):
        return values.to(device)
    if isinstance(values, tuple):
        parts = [moved(value, device) for value in values]
        return type(values)(*parts) if hasattr(values, "_fields") else tuple(parts)
    return values


def detached(values: Any) -> Any:
    """Tensors in nested tuples, cut off from what computed them."""
    if isinstance(values, Tensor):
        return values.detach()
    if isinstance(values, Sequence) and not isinstance(values, str):
        parts = [detached(value) for value in values]
        return type(values)(*parts) if hasattr(values, "_fields") else tuple(parts)
    return values
