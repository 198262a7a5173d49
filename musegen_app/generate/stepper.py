"""A graph that hears one note a take a call, again and again.

Its tensors are bound once, which saves a sixth of a call for one take. The answer and the states lie in arrays that the next
call writes over.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from musegen_app.errors import ModelError
from musegen_app.generate.session import FIELDS, NEUTRAL, Heard, Inputs, NoteSession, State

_DTYPES: Final = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


class Stepper:
    """``graph``, one of those of ``session``, for ``takes`` takes of one note each. Belongs to one thread.

    The arrays of ``inputs`` that fit are bound as they are: what is written into them later is seen without a copy. They are
    read, never written to.

    Raises:
        ModelError: the graph wants something that nothing is known of.
    """

    def __init__(self, session: NoteSession, graph: Any, inputs: Inputs, takes: int) -> None:
        self._name, self._graph, self._state_names = session.name, graph, session.state_names
        self._told: dict[str, npt.NDArray[Any]] = {}
        self._theirs: set[str] = set()
        self._neutral: set[str] = set()
        try:
            self._bind_all(inputs, {"time": 1, "takes": takes})
        except (KeyError, ValueError, TypeError, RuntimeError) as error:
            raise ModelError(f'Model "{self._name}" cannot be used: its graph is not one that MuseGen made.') from error

    def _bind_all(self, inputs: Inputs, sizes: dict[str, int]) -> None:
        shapes = {row.name: _shape(row, sizes) for row in (*self._graph.get_inputs(), *self._graph.get_outputs())}
        for row in self._graph.get_inputs():
            if row.name not in self._state_names:
                self._told[row.name] = self._bindable(row, inputs.get(row.name), shapes[row.name])
        self._answer: dict[str, npt.NDArray[Any]] = {
            row.name: np.zeros(shapes[row.name], dtype=_DTYPES[row.type])
            for row in self._graph.get_outputs()
            if not row.name.startswith(("next_", "initial_"))
        }
        first, second = (tuple(np.zeros(shapes[n], dtype=np.float32) for n in self._state_names) for _ in range(2))
        self._states: tuple[State, State] = first, second
        self._heard = [self._answer_with(self._states[1 - way]) for way in (0, 1)]
        self._bindings = [self._bound(way) for way in (0, 1)]

    def step(self, inputs: Inputs, state: State) -> Heard:
        """Hear one note a take, and draw what is not given; see :meth:`NoteSession.step` for the inputs.

        Unlike there the answer is good until the next call only, except the state, which is good until the one after it.

        Raises:
            ModelError: ONNX Runtime refuses.
        """
        way = 1 if state is self._states[1] else 0
        try:
            self._tell(inputs)
            if state is not self._states[way]:
                for kept, value in zip(self._states[0], state, strict=True):
                    np.copyto(kept, value)
            self._graph.run_with_iobinding(self._bindings[way])
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise ModelError(f'Model "{self._name}" failed while drawing a note.', self._name) from error
        return self._heard[way]

    def _tell(self, inputs: Inputs) -> None:
        """Copy what is not in the bound arrays already; what is left out is neutral."""
        for name, told in self._told.items():
            value = inputs.get(name)
            if value is told:
                continue
            own = self._own(name) if name in self._theirs else told
            if value is not None:
                np.copyto(own, value[:, : own.shape[1]] if name == "references" else value)
                self._neutral.discard(name)
            elif name not in self._neutral:
                own[...] = NEUTRAL[name]
                self._neutral.add(name)

    def _own(self, name: str) -> npt.NDArray[Any]:
        """An array of our own in the place of one that is theirs."""
        self._theirs.discard(name)
        own = self._told[name] = self._told[name].copy()
        for binding in self._bindings:
            _bind(binding.bind_input, name, own)
        return own

    def _bindable(self, row: Any, value: npt.NDArray[Any] | None, shape: list[int]) -> npt.NDArray[Any]:
        """``value`` itself where ONNX Runtime can read it in place, else an array for it."""
        dtype = _DTYPES[row.type]
        if value is not None and value.shape == tuple(shape) and value.dtype == dtype and value.flags.c_contiguous:
            self._theirs.add(row.name)
            return value
        if value is None and row.name not in NEUTRAL:
            raise KeyError(row.name)
        return np.zeros(shape, dtype=dtype)

    def _answer_with(self, state: State) -> Heard:
        """The answer's arrays, a row a take, as they will be after a call."""
        classes = [self._answer[field].reshape(-1) for field in FIELDS]
        first, second, third, fourth = (self._answer[f"{field}_log_probs"].reshape(len(classes[0]), -1) for field in FIELDS)
        pitch, length, velocity, onset = classes
        return Heard(pitch, length, velocity, onset, (first, second, third, fourth), state)

    def _bound(self, way: int) -> Any:
        """All tensors bound, the states from one of the two sets into the other."""
        binding = self._graph.io_binding()
        before, after = self._states[way], self._states[1 - way]
        told = self._told | dict(zip(self._state_names, before, strict=True))
        made = self._answer | {f"next_{name}": part for name, part in zip(self._state_names, after, strict=True)}
        for tensors, bind in ((told, binding.bind_input), (made, binding.bind_output)):
            for name, array in tensors.items():
                _bind(bind, name, array)
        return binding


def _bind(bind: Any, name: str, array: npt.NDArray[Any]) -> None:
    bind(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)


def _shape(row: Any, sizes: dict[str, int]) -> list[int]:
    return [sizes[size] if isinstance(size, str) else size for size in row.shape]
