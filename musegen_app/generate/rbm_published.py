"""The Boltzmann machine as it was published: samples of 15 steps out of nothing, one after another.

One Gibbs step from zeros each; it hears no seed, so it continues nothing. Kept to show that, beside the mended one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from musegen_app.encoding.state_window import REST, STRUCK
from musegen_app.errors import InputError
from musegen_app.generate.rbm_canvas import Canvas
from musegen_app.generate.rbm_notes import Strikes, strike_log_probs
from musegen_app.generate.rbm_session import GibbsSession, Windows
from musegen_app.generate.request import GeneratedNote, GenerateRequest
from musegen_app.generate.sampling import Uniforms

_VELOCITY: Final = 40
_TRIES: Final = 50


def published_notes(
    session: GibbsSession, request: GenerateRequest, cancelled: Callable[[], bool]
) -> Iterator[GeneratedNote]:
    """Fill the span with samples; empty ones are drawn again, up to 50 times, as they were thrown away.

    Raises:
        InputError: the request is a fill, or leaves no pitch that the model knows.
    """
    if request.until_tick is not None:
        raise InputError("This model was built as published and cannot fill a gap.")
    canvas = Canvas.of(request, session.steps)
    uniforms = Uniforms(request.seed_number, request.takes, session.uniforms)
    return _samples(session, canvas, request, uniforms, cancelled)


def _samples(
    session: GibbsSession, canvas: Canvas, request: GenerateRequest, uniforms: Uniforms, cancelled: Callable[[], bool]
) -> Iterator[GeneratedNote]:
    strikes = Strikes(request.id, request.takes, (canvas.begin, canvas.end), _VELOCITY)
    begin = canvas.begin
    while begin < canvas.end and not cancelled():
        end = min(begin + session.steps, canvas.end)
        _draw(session, canvas, request, uniforms, strikes, (begin, end))
        for note in strikes.until(end):
            if cancelled():
                return
            yield note
        begin = end
    for note in strikes.rest():
        if cancelled():
            return
        yield note


def _draw(
    session: GibbsSession,
    canvas: Canvas,
    request: GenerateRequest,
    uniforms: Uniforms,
    strikes: Strikes,
    span: tuple[int, int],
) -> None:
    takes, (begin, end) = request.takes, span
    shape = (takes, session.steps, session.pitches)
    nothing = Windows(np.zeros((takes, session.steps, 2, session.pitches), np.float32), np.zeros(takes, np.int64))
    allowed = np.broadcast_to(canvas.allowed, nothing.layer.shape).copy()
    free = np.zeros(shape, dtype=np.bool_)
    temperature = np.full((takes, 1), request.sampling.temperature, dtype=np.float32)
    layer, logits = nothing.layer.copy(), nothing.layer.copy()
    empty = np.ones(takes, dtype=np.bool_)
    for _ in range(_TRIES):
        answer = session.step(nothing, free, allowed, uniforms.next(), temperature)
        layer[empty], logits[empty] = answer.windows.layer[empty], answer.logits[empty]
        empty &= (layer[:, : end - begin, 0] == 0).all(axis=(1, 2))
        if not empty.any():
            break
    drawn = Windows(layer, nothing.place)
    energy = session.free_energy(drawn) / np.float32(session.steps)
    states = drawn.states(as_bits=True)
    first = states[:, 0]
    first[first != REST] = STRUCK  # nothing is held over from the sample before
    sounded = np.zeros(shape, dtype=np.bool_)
    sounded[:, 1:] = states[:, :-1] != REST
    kept = slice(0, end - begin)
    strikes.add(begin, states[:, kept], strike_log_probs(logits, sounded)[:, kept], energy)
