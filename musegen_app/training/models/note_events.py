"""The note-event LSTM: one step a note, chained heads, and the surroundings of each note computed outside.

The cycle of a note whose onset is known: the surroundings and the state choose pitch, then length, then velocity, each head
seeing what is already chosen; the LSTM takes the note in; the new state chooses the time to the next onset.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from musegen_app.encoding.anticipation import (
    FAR_PLANES,
    FAR_START,
    KNOWN_CLASS_SIZE,
    KNOWN_CLASSES,
    KNOWN_PLANES,
    KNOWN_WIDTH,
)
from musegen_app.encoding.context import CLASS_SIZES, NO_REFERENCE, PLANES, SOUND_WIDTH
from musegen_app.encoding.note_events import (
    BEGIN_PITCH,
    END,
    LENGTHS,
    NO_LENGTH,
    NO_VELOCITY,
    ONSET_CLASSES,
    PITCHES,
    VELOCITY_CLASSES,
)
from musegen_app.encoding.recall import RECALL_CLASSES, RECALL_SIZES
from musegen_app.training.task import Forward

State = tuple[Tensor, Tensor]
IMPOSSIBLE = -30000.0
VELOCITY_WEIGHT: Final = 0.3
"""What velocity counts in the loss beside onset, pitch and length: few pieces have any."""
_STRUCK_A_BAR_AGO = slice(0, PITCHES)
_SOUNDING_NOW = slice(5 * PITCHES, 6 * PITCHES)
_KNOWN_HERE = slice(0, PITCHES)
GATES: Final = PLANES + KNOWN_PLANES + FAR_PLANES + 3
"""What a pitch may be copied from: each plane behind, ahead and farther ahead, and after each its pitch class there."""
REACH: Final = 24
STEPS: Final = 2 * REACH + 1
"""Intervals told apart, in semitones from a note of reference: −24 to 24; beyond, the last."""
REFERENCES: Final = 3
"""Pitches that the next one is measured from: the last one, the lowest of the last chord, the next that is recalled."""


@dataclass(frozen=True)
class Size:
    """Widths of the network: ``hidden`` units in each of ``layers`` LSTM layers, ``head`` units in the heads' middle."""

    hidden: int = 256
    layers: int = 2
    head: int = 192
    styles: int = 1

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a checkpoint."""
        return asdict(self)


class Window(NamedTuple):
    """A stretch of notes for several lanes; tensors of shape (time, lanes, …).

    ``classes`` int64 (…, 10), ``sounds`` float (…, SOUND_WIDTH), ``pitch``, ``length``, ``velocity`` (classes of the note),
    ``onset`` (class of the next) and ``floor`` (only pitches above it may be struck) int64, ``weight`` float, 0 to leave a
    row out. ``known_classes`` int64 (…, 5) and ``known_sounds`` float (…, 920) are what is known to come. ``references``
    int64 (…, 3) are the last pitch, the lowest of the last chord and the next that is recalled, 128 for none;
    ``recall_classes`` int64 (…, 5) and ``recall_lengths`` int64 (…, 128), classes of lengths, what is recalled.
    """

    classes: Tensor
    sounds: Tensor
    pitch: Tensor
    length: Tensor
    velocity: Tensor
    onset: Tensor
    floor: Tensor
    weight: Tensor
    known_classes: Tensor
    known_sounds: Tensor
    references: Tensor
    recall_classes: Tensor
    recall_lengths: Tensor


class Batch(NamedTuple):
    """A window, and for each lane 1 where the state of the last window is kept, else 0: float (lanes,)."""

    window: Window
    keep: Tensor


@dataclass
class Nats:
    """What each note cost, nats of shape (time, lanes): 0 where there is nothing to guess."""

    onset: Tensor
    pitch: Tensor
    length: Tensor
    velocity: Tensor


class NoteEventNet(nn.Module):
    """See the module; ``styles`` of its size counts the style classes, 0 being "unknown"."""

    class_rows: Tensor
    known_rows: Tensor
    recall_rows: Tensor
    initial: Tensor
    """The state before anything was heard, (2, layers, hidden): zeros, unless the network is an adapted one."""

    def __init__(self, size: Size, dropout: float = 0.0, velocity_weight: float = VELOCITY_WEIGHT) -> None:
        super().__init__()
        self.size, self.velocity_weight = size, velocity_weight
        hidden, head = size.hidden, size.head
        sizes = [*CLASS_SIZES.values(), size.styles]
        self.register_buffer("class_rows", torch.tensor([sum(sizes[:n]) for n in range(len(sizes))]), persistent=False)
        self.register_buffer("known_rows", KNOWN_CLASS_SIZE * torch.arange(KNOWN_CLASSES), persistent=False)
        rows = torch.tensor([sum(RECALL_SIZES[:n]) for n in range(RECALL_CLASSES)])
        self.register_buffer("recall_rows", rows, persistent=False)
        self.register_buffer("initial", torch.zeros(2, size.layers, hidden), persistent=False)
        self.context_classes = nn.EmbeddingBag(sum(sizes), hidden, mode="sum")
        self.context_sounds = nn.Linear(SOUND_WIDTH, hidden)
        self.known_classes = nn.EmbeddingBag(KNOWN_CLASSES * KNOWN_CLASS_SIZE, hidden, mode="sum")
        self.known_sounds = nn.Linear(KNOWN_WIDTH, hidden, bias=False)
        self.recall_classes = nn.EmbeddingBag(sum(RECALL_SIZES), hidden, mode="sum")
        self.query = nn.Linear(2 * hidden, hidden)
        self.pitch_head = nn.Linear(hidden, PITCHES)
        self.copy_head = nn.Linear(hidden, GATES)
        self.interval_head = nn.Linear(hidden, REFERENCES * STEPS)
        self.recall_gate = nn.Linear(hidden, 1)
        self.length_query = nn.Linear(hidden, head)
        self.length_pitch = nn.Embedding(BEGIN_PITCH + 1, head)
        self.length_head = nn.Linear(head, len(LENGTHS))
        self.length_gate = nn.Linear(head, 1)
        self.length_recalled = nn.Embedding(NO_LENGTH + 1, len(LENGTHS))
        self.velocity_query = nn.Linear(head, 64)
        self.velocity_length = nn.Embedding(NO_LENGTH + 1, 64)
        self.velocity_head = nn.Linear(64, VELOCITY_CLASSES)
        self.note_pitch = nn.Embedding(BEGIN_PITCH + 1, hidden)
        self.note_length = nn.Embedding(NO_LENGTH + 1, hidden)
        self.note_velocity = nn.Embedding(NO_VELOCITY + 1, hidden)
        self.note_context = nn.Linear(hidden, hidden)
        self.lstm = nn.LSTM(hidden, hidden, size.layers)
        self.onset_query = nn.Linear(2 * hidden, head)
        self.more_above = nn.Parameter(torch.zeros(head))
        self.known_above = nn.Parameter(torch.zeros(head))
        self.onset_head = nn.Linear(head, ONSET_CLASSES)
        self.onset_gate = nn.Linear(head, 1)
        self.onset_recalled = nn.Embedding(ONSET_CLASSES, ONSET_CLASSES)
        self.dropout = nn.Dropout(dropout)
        self._start()

    def _start(self) -> None:
        for name, parameter in self.named_parameters():
            if name.startswith(("context_classes", "note_", "length_pitch", "velocity_length")) and parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.05)
        silent = (self.copy_head, self.interval_head, self.known_sounds, self.known_classes, self.recall_classes)
        for part in (*silent, self.recall_gate, self.length_gate, self.onset_gate):
            for parameter in part.parameters():
                nn.init.zeros_(parameter)
        for table in (self.length_recalled, self.onset_recalled):  # what was there is likely here; of nothing, nothing
            table.weight.data[:] = torch.eye(*table.weight.shape)
        self.onset_recalled.weight.data[END] = 0
        for layer in range(self.size.layers):
            bias = getattr(self.lstm, f"bias_ih_l{layer}")
            bias.data[self.size.hidden : 2 * self.size.hidden] += 1.0  # forget gates start open

    def empty_state(self, lanes: int) -> State:
        """The state before anything was heard: (layers, lanes, hidden), twice."""
        h, c = self.initial[:, :, None].expand(-1, -1, lanes, -1)
        return h.contiguous(), c.contiguous()

    def forward(self, batch: Batch, state: State | None) -> Forward:
        """A step of training; see :class:`musegen_app.training.task.Forward`."""
        window, keep = batch
        before = self.empty_state(len(keep))
        if state is not None:
            stays = keep[:, None] > 0
            before = torch.where(stays, state[0], before[0]), torch.where(stays, state[1], before[1])
        nats, after = self.nats(window, before)
        loss = (nats.onset + nats.pitch + nats.length + self.velocity_weight * nats.velocity).mean()
        counted = (nats.onset + nats.pitch + nats.length).detach().sum()
        return Forward(loss, counted, window.weight.sum(), after)

    def nats(self, window: Window, state: State) -> tuple[Nats, State]:
        """What each note of ``window`` costs after ``state``, and the state after it."""
        context = self._context(window)
        taken_in = self._taken_in(window, context)
        heard, after = self.lstm(taken_in, state)
        before = torch.cat([state[0][-1:].to(heard.dtype), heard[:-1]])
        query = self.dropout(f.relu(self.query(torch.cat([before, context], dim=-1))))
        pitch = self._pitch(query, window).float()
        pitch = pitch.masked_fill(_impossible(window), IMPOSSIBLE)
        length_query = f.relu(self.length_query(query) + self.length_pitch(window.pitch))
        velocity_query = f.relu(self.velocity_query(length_query) + self.velocity_length(window.length))
        onset = self._onset(self.dropout(heard), context, window)
        is_note = (window.pitch < BEGIN_PITCH) * window.weight
        there = window.recall_lengths.gather(-1, window.pitch.clamp(max=PITCHES - 1)[..., None])[..., 0]
        length = self.length_head(length_query) + self.length_gate(length_query) * self.length_recalled(there)
        nats = Nats(
            _cost(onset, window.onset) * window.weight,
            _cost(pitch, window.pitch.clamp(max=PITCHES - 1)) * is_note,
            _cost(length, window.length.clamp(max=len(LENGTHS) - 1)) * is_note,
            _cost(self.velocity_head(velocity_query), window.velocity.clamp(max=VELOCITY_CLASSES - 1))
            * is_note
            * (window.velocity < NO_VELOCITY),
        )
        return nats, after

    def _context(self, window: Window) -> Tensor:
        rows = (window.classes + self.class_rows).flatten(0, 1)
        classes = self.context_classes(rows).unflatten(0, window.classes.shape[:2])
        known = self.known_classes((window.known_classes + self.known_rows).flatten(0, 1)).unflatten(0, classes.shape[:2])
        recall = self.recall_classes((window.recall_classes + self.recall_rows).flatten(0, 1)).unflatten(0, known.shape[:2])
        heard = self.context_sounds(window.sounds) + self.known_sounds(window.known_sounds)
        context: Tensor = self.dropout(f.relu(classes + known + recall + heard))
        return context

    def _pitch(self, query: Tensor, window: Window) -> Tensor:
        """Logits of the pitches: each by itself, by what it would copy, and by its intervals to the references."""
        known, far = window.known_sounds[..., :FAR_START], window.known_sounds[..., FAR_START:]
        planes = torch.cat([_planes(window.sounds, PLANES), _planes(known, KNOWN_PLANES), _planes(far, FAR_PLANES)], dim=-2)
        copied = torch.einsum("tlg,tlgp->tlp", self.copy_head(query), planes)
        recalled = self.recall_gate(query) * (window.recall_lengths < NO_LENGTH)
        logits: Tensor = self.pitch_head(query) + copied + recalled
        steps = self.interval_head(query).reshape(*query.shape[:-1], REFERENCES, STEPS)
        steps = f.pad(steps, (0, 1))  # the last one says nothing
        return logits + steps.gather(-1, interval_rows(window.references)).sum(dim=-2)

    def _taken_in(self, window: Window, context: Tensor) -> Tensor:
        note = self.note_pitch(window.pitch) + self.note_length(window.length) + self.note_velocity(window.velocity)
        return f.relu(note + self.note_context(context))

    def _onset(self, heard: Tensor, context: Tensor, window: Window) -> Tensor:
        above = torch.arange(PITCHES, device=window.pitch.device) > window.pitch[..., None]
        more = (above & (window.sounds[..., _STRUCK_A_BAR_AGO] > 0)).any(dim=-1, keepdim=True)
        known = (above & (window.known_sounds[..., _KNOWN_HERE] > 0)).any(dim=-1, keepdim=True)
        query = self.onset_query(torch.cat([heard, context], dim=-1))
        heads = f.relu(query + more * self.more_above + known * self.known_above)
        recalled = (above & (window.recall_lengths < NO_LENGTH)).any(dim=-1)
        ahead = torch.where(recalled, 0, window.recall_classes[..., -1])
        logits: Tensor = self.onset_head(heads) + self.onset_gate(heads) * self.onset_recalled(ahead)
        return logits


def _planes(sounds: Tensor, count: int) -> Tensor:
    """The planes of pitches and, as the last one, the pitch classes: (…, count + 1, 128)."""
    planes = sounds[..., : count * PITCHES].reshape(*sounds.shape[:-1], count, PITCHES)
    classes = sounds[..., count * PITCHES :][..., torch.arange(PITCHES, device=sounds.device) % 12]
    return torch.cat([planes, classes[..., None, :]], dim=-2)


def interval_rows(references: Tensor) -> Tensor:
    """Which interval each pitch has to each reference, int64 (…, 2, 128): 0–48, 49 where there is no reference."""
    pitches = torch.arange(PITCHES, device=references.device)
    steps = (pitches - references[..., None]).clamp(-REACH, REACH) + REACH
    return torch.where(references[..., None] < NO_REFERENCE, steps, STEPS)


def _impossible(window: Window) -> Tensor:
    """Pitches that cannot be struck: those that sound, and in a chord those not above the last; bool (time, lanes, 128)."""
    below = torch.arange(PITCHES, device=window.floor.device) <= window.floor[..., None]
    return below | (window.sounds[..., _SOUNDING_NOW] > 0)


def _cost(logits: Tensor, target: Tensor) -> Tensor:
    return f.cross_entropy(logits.float().flatten(0, 1), target.flatten(), reduction="none").view_as(target)
