"""`check_gradient` for a function and a gradient of your own: the rule of `gradients`, with a report to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader import messages
from grader.exercise import Array
from grader.gradients import (
    EPS,
    FINE_STEPS,
    STEPS,
    GradientReport,
    Line,
    Quotient,
    Where,
    direction_name,
    judged_lines,
    overall,
    precision,
    quotient,
    step_at,
)  # fmt: skip

EVERY_ENTRY = 200  # larger arrays are checked along directions and on a sample
DIRECTIONS = 4
SAMPLE = 100


@dataclass(frozen=True, repr=False)
class Report(GradientReport):
    """`str()` says the verdict in a sentence, `repr()` adds the entries to look at first."""

    def __str__(self) -> str:
        return messages.gradient_report(self)

    def __repr__(self) -> str:
        return "\n".join([str(self), *messages.gradient_entries(self)])


class _Function:
    """The number that is differentiated; counts its calls and knows how precise they are."""

    def __init__(self, f: Callable[[Array], Any], shape: tuple[int, ...], upstream: Any) -> None:
        self.f, self.shape, self.calls = f, shape, 0
        self.upstream = None if upstream is None else np.asarray(upstream, dtype=float)
        self.eps = EPS

    def __call__(self, flat: Array) -> float:
        self.calls += 1
        out = np.asarray(self.f(flat.reshape(self.shape)))
        self.eps = max(self.eps, precision(out))
        out = out.astype(float)
        if self.upstream is None:
            if out.size != 1:
                raise ValueError(f"f returns an array of shape {out.shape}: give the upstream gradient of that shape")
            return float(out.reshape(()))
        if out.shape != self.upstream.shape and not out.size == self.upstream.size == 1:
            raise ValueError(
                f"f returns shape {out.shape}, the upstream gradient has {self.upstream.shape}: they must be the same"
            )
        return float(np.sum(out * self.upstream.reshape(out.shape)))


def check_gradient(
    f: Callable[[Array], Any],
    x: Any,
    analytic: Any,
    *,
    upstream: Any = None,
    rng: np.random.Generator | None = None,
    directions: int = DIRECTIONS,
    every_entry: int = EVERY_ENTRY,
) -> Report:
    """Is `analytic` the gradient of `f` at `x`?

    Args:
        f: function of one array of the shape of `x`; returns a number, or an array if `upstream` is given
        x: array or number, where the gradient is taken (never changed)
        analytic: the gradient to check, of the shape of `x`
        upstream: gradient of a loss with respect to what f returns, of its shape: then sum(f(x) * upstream) is
            differentiated. Random numbers, not ones: ones hide a forgotten upstream gradient.
        rng: Generator for the directions and the sample, in arrays of more than `every_entry` entries
        directions: how many random directions are looked along in such arrays, beside 100 of their entries

    Returns:
        A report, with outcome passed, failed or inconclusive, that prints itself.

    Raises:
        ValueError: `analytic` has not the shape of `x`, or f returns an array and there is no `upstream` of its shape.

    >>> check_gradient(lambda w: np.sum(w**2), np.array([1.0, 2.0]), np.array([2.0, 3.9])).first_wrong.where
    (1,)
    """
    at = np.array(x, dtype=float)
    single = precision(np.asarray(analytic)) > EPS
    given = np.asarray(analytic, dtype=float)
    if given.shape != at.shape:
        raise ValueError(f"the gradient has shape {given.shape}, x has {at.shape}: they must be the same")
    rng = rng or np.random.default_rng(0)
    flat, gradient = at.reshape(-1), given.reshape(-1)
    function = _Function(f, at.shape, upstream)
    large = flat.size > every_entry
    chosen = rng.choice(flat.size, min(SAMPLE, flat.size), replace=False) if large else range(flat.size)

    def quotients(direction: Array, scale: float, steps: Sequence[float]) -> list[Quotient]:
        made = []
        for s in steps:
            h = step_at(scale, s)
            minus, plus = function(flat - h * direction), function(flat + h * direction)
            made.append(quotient(minus, base, plus, h, function.eps))
        return made

    def line(where: Where, analytic: float, direction: Array, scale: float) -> Line:
        coarse = quotients(direction, scale, STEPS) if np.isfinite(base) else []
        return Line(where, analytic, coarse, partial(quotients, direction, scale, FINE_STEPS))

    def entry(i: int) -> Line:
        index = tuple(int(k) for k in np.unravel_index(i, at.shape))
        return line(index, float(gradient[i]), np.eye(1, flat.size, i)[0], float(flat[i]))

    def along(number: int) -> Line:
        direction = rng.standard_normal(flat.size)
        return line(direction_name(number), float(gradient @ direction), direction, 1.0)

    with np.errstate(all="ignore"):
        base = function(flat.copy())
        lines = [entry(i) for i in sorted(int(i) for i in chosen)], [along(d) for d in range(directions * large)]
        judged = tuple(j for kind in lines for j in judged_lines(kind, single, base))
    return Report(overall(j.outcome for j in judged), judged, flat.size, len(lines[1]), function.calls)
