"""Numerical gradients with an error estimate, and a verdict that can say "cannot be decided".

For each entry (or along each random direction, in large arrays) central differences are taken at several steps;
two neighbouring steps give a value and an estimate of its error, and one-sided slopes show kinks, where any value
between them is a right subgradient. The usual rule, one threshold on |a - n| / max(|a|, |n|) at one step, mistakes
round-off and kinks for errors. See docs/gradients.md for the constants.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from grader.exercise import Array, Exercise, Outcome

STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
FINE_STEPS = (1e-7, 1e-8)  # only for entries that the others leave open
ROUND_OFF = 8.0  # a sum of some tens of terms is good to about 8 eps
SAFETY = 4.0  # the usual factor on a two-point error estimate
SLACK = 1e-7  # lets results through that were accumulated in single precision
RESOLVED = 1e-4  # an estimate this good, relative to the value, decides
SMALL = 0.01  # entries smaller than this part of the largest are held to the largest
KINK_RATIO = 10.0  # a gap between slopes this many times its round-off ...
KINK_KEPT = 0.3  # ... that has not shrunk with the step is a kink
EVERY_ENTRY = 200  # larger arrays are checked along directions and on a sample
DIRECTIONS = 4
SAMPLE = 100


@dataclass(frozen=True)
class Quotient:
    """Difference quotients at one step."""

    step: float
    central: float
    left: float
    right: float
    round_off: float


@dataclass(frozen=True)
class Estimate:
    """A derivative with its tolerance; `kink` is the interval of one-sided slopes where there is one."""

    value: float
    tolerance: float
    kink: tuple[float, float] | None = None


@dataclass(frozen=True)
class Judged:
    """One entry or direction: where, analytic and numerical value, and what follows."""

    where: tuple[int, ...] | str
    analytic: float
    numerical: float
    tolerance: float
    outcome: Outcome
    kink: bool = False


@dataclass(frozen=True)
class GradientReport:
    """The verdict on one array. `str()` says it in a line or two; `judged` holds every entry looked at."""

    outcome: Outcome
    judged: tuple[Judged, ...]
    entries: int  # of the array
    directions: int

    @property
    def largest_difference(self) -> float:
        return max(
            (abs(j.analytic - j.numerical) for j in self.judged if j.outcome is Outcome.PASSED and not j.kink),
            default=0.0,
        )

    @property
    def worst(self) -> Judged | None:
        wrong = [j for j in self.judged if j.outcome is Outcome.FAILED]
        return max(wrong, key=lambda j: abs(j.analytic - j.numerical), default=None)

    def __str__(self) -> str:
        from grader.messages import gradient_report

        return gradient_report(self)


def step_at(x: float, s: float) -> float:
    """The step of relative size `s` at `x`, exactly representable: `(x + h) - x == h`."""
    return float((x + s * max(1.0, abs(x))) - x)


def quotient(minus: float, base: float, plus: float, h: float) -> Quotient:
    """Difference quotients from three values of f: at x - h, x and x + h."""
    with np.errstate(all="ignore"):
        largest = max(abs(minus), abs(base), abs(plus))
        return Quotient(
            h,
            (plus - minus) / (2 * h),
            (base - minus) / h,
            (plus - base) / h,
            ROUND_OFF * float(np.finfo(float).eps) * largest / h,
        )


def estimate(quotients: list[Quotient]) -> Estimate:
    """Value and tolerance from quotients at falling steps: the pair of neighbours with the smallest error."""
    pairs = []
    for coarse, fine in pairwise(quotients):
        gap = abs(coarse.central - fine.central)
        error = gap + coarse.round_off + fine.round_off
        value = coarse.central if fine.round_off > gap else fine.central
        pairs.append((error, value))
    error, value = min(pairs, key=lambda p: p[0] if p[0] == p[0] else np.inf)
    return Estimate(value, SAFETY * error + SLACK * abs(value))


def kink_of(quotients: list[Quotient]) -> tuple[float, float] | None:
    """The interval of slopes, padded by round-off, where the two finest steps show a kink."""
    coarse, fine = quotients[-2:]
    gap = fine.right - fine.left
    if abs(gap) > KINK_RATIO * fine.round_off and abs(gap) > KINK_KEPT * abs(coarse.right - coarse.left):
        pad = 2 * fine.round_off
        return min(fine.left, fine.right) - pad, max(fine.left, fine.right) + pad
    return None


def judge(
    where: tuple[int, ...] | str,
    analytic: float,
    coarse: list[Quotient],
    largest: float,
    finer: Callable[[], list[Quotient]],
) -> Judged:
    """Right, wrong or undecided: one entry. `largest` is the largest derivative of the array in absolute value."""
    if not np.isfinite(analytic):
        return Judged(where, analytic, estimate(coarse).value, 0.0, Outcome.FAILED)
    quotients, found = coarse, estimate(coarse)
    if not np.isfinite(found.value):
        return Judged(where, analytic, found.value, found.tolerance, Outcome.INCONCLUSIVE)
    if not (_resolved(found, largest) and abs(analytic - found.value) <= found.tolerance):
        quotients = [*coarse, *finer()]
        found = estimate(quotients)
        kink = kink_of(quotients)
        if kink is not None:
            outcome = Outcome.PASSED if kink[0] <= analytic <= kink[1] else Outcome.FAILED
            return Judged(where, analytic, found.value, found.tolerance, outcome, kink=True)
    outcome = Outcome.FAILED
    if abs(analytic - found.value) <= found.tolerance:
        outcome = Outcome.PASSED if _resolved(found, largest) else Outcome.INCONCLUSIVE
    return Judged(where, analytic, found.value, found.tolerance, outcome)


def _resolved(found: Estimate, largest: float) -> bool:
    return found.tolerance <= RESOLVED * max(abs(found.value), SMALL * largest)


def check_gradient(
    f: Callable[[Array], Any],
    x: Any,
    analytic: Any,
    *,
    upstream: Any = None,
    rng: np.random.Generator | None = None,
    directions: int = DIRECTIONS,
    every_entry: int = EVERY_ENTRY,
) -> GradientReport:
    """Is `analytic` the gradient of `f` at `x`?

    Args:
        f: function of one array of the shape of `x`; returns a number, or an array if `upstream` is given
        x: array or number, where the gradient is taken (never changed)
        analytic: the gradient to check, of the shape of `x`
        upstream: gradient of a loss with respect to what f returns, of its shape: then sum(f(x) * upstream) is
            differentiated. Random numbers, not ones: ones hide a forgotten upstream gradient.
        rng: Generator for the directions and the sample, in arrays of more than `every_entry` entries

    Returns:
        GradientReport, with outcome passed, failed or inconclusive.

    Raises:
        ValueError: `analytic` has not the shape of `x`, or f returns an array and there is no `upstream`.
    """
    at = np.array(x, dtype=float)
    given = np.asarray(analytic, dtype=float)
    if given.shape != at.shape:
        raise ValueError(f"the gradient has shape {given.shape}, x has {at.shape}: they must be the same")

    def value(point: Array) -> float:
        out = np.asarray(f(point.reshape(at.shape) if at.ndim else point.reshape(())), dtype=float)
        if upstream is not None:
            return float(np.sum(out * np.asarray(upstream)))
        if out.size != 1:
            raise ValueError(f"f returns an array of shape {out.shape}: give the upstream gradient of that shape")
        return float(out.reshape(()))

    rng = rng or np.random.default_rng(0)
    flat, gradient = at.reshape(-1), given.reshape(-1)
    if flat.size <= every_entry:
        entries, along = list(range(flat.size)), 0
    else:
        entries, along = (
            sorted(int(i) for i in rng.choice(flat.size, min(SAMPLE, flat.size), replace=False)),
            directions,
        )
    with np.errstate(all="ignore"):
        base = value(flat.copy())
        lines: list[tuple[tuple[int, ...] | str, Array, float]] = [
            (tuple(int(k) for k in np.unravel_index(i, at.shape)), _unit(flat.size, i), float(flat[i])) for i in entries
        ]
        lines += [(f"direction {d + 1}", rng.standard_normal(flat.size), 1.0) for d in range(along)]

        def quotients(direction: Array, scale: float, steps: tuple[float, ...]) -> list[Quotient]:
            made = []
            for s in steps:
                h = step_at(scale, s)
                made.append(quotient(value(flat - h * direction), base, value(flat + h * direction), h))
            return made

        coarse = [quotients(direction, scale, STEPS) for _, direction, scale in lines]
        sizes = [abs(estimate(q).value) for q in coarse]
        largest = max((s for s in sizes if np.isfinite(s)), default=0.0)
        judged = [
            judge(
                where,
                float(gradient @ direction),
                q,
                largest,
                partial(quotients, direction, scale, FINE_STEPS),
            )
            for (where, direction, scale), q in zip(lines, coarse, strict=True)
        ]
    return GradientReport(overall(j.outcome for j in judged), tuple(judged), flat.size, along)


def _unit(size: int, i: int) -> Array:
    made = np.zeros(size)
    made[i] = 1.0
    return made


def overall(outcomes: Iterator[Outcome]) -> Outcome:
    """Wrong if an entry is, else inconclusive if an entry is, else right."""
    found = set(outcomes)
    for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
        if outcome in found:
            return outcome
    return Outcome.PASSED


@dataclass(frozen=True)
class Probe:
    """Points along random directions where another process evaluates f; `judged` says what the values show.

    `entries` are the flat indices of single entries that are looked at besides: they say more to a reader.
    """

    directions: tuple[Array, ...]
    entries: tuple[int, ...] = ()

    @classmethod
    def along(cls, size: int, count: int, rng: np.random.Generator, entries: int = 0) -> Probe:
        """`count` directions in an array of `size` entries, and `entries` of these at random. A small array is
        looked at entry by entry, without directions."""
        if 0 < size <= entries:
            return cls((), tuple(range(size)))
        directions = tuple(rng.standard_normal(size) for _ in range(count))
        return cls(directions, tuple(sorted(int(i) for i in rng.choice(size, entries, replace=False))))

    @property
    def count(self) -> int:
        """How many directions and entries are looked at."""
        return len(self.directions) + len(self.entries)

    def lines(self, size: int) -> list[Array]:
        """All that is looked along, in an array of `size` entries: the directions, then the entries."""
        return [*self.directions, *(_unit(size, i) for i in self.entries)]

    def points(self, x: Array) -> list[Array]:
        """x itself, then for each direction and step the two points beside it."""
        made = [x]
        for direction in self.lines(x.size):
            for s in (*STEPS, *FINE_STEPS):
                move = (step_at(1.0, s) * direction).reshape(x.shape)
                made += [x - move, x + move]
        return made

    def judged(self, values: list[float], analytic: Array) -> GradientReport:
        """`values` of f at `points`, in order."""
        base, rest = values[0], iter(values[1:])
        places: list[tuple[int, ...] | str] = [f"direction {number + 1}" for number in range(len(self.directions))]
        places += [tuple(int(k) for k in np.unravel_index(i, analytic.shape)) for i in self.entries]
        lines = []
        for direction in self.lines(analytic.size):
            lines.append(
                (
                    direction,
                    [quotient(next(rest), base, next(rest), step_at(1.0, s)) for s in (*STEPS, *FINE_STEPS)],
                )
            )
        coarse = len(STEPS)
        sizes = [abs(estimate(q[:coarse]).value) for _, q in lines]
        largest = max((s for s in sizes if np.isfinite(s)), default=0.0)
        judged = tuple(
            judge(
                where,
                float(analytic.reshape(-1) @ direction),
                q[:coarse],
                largest,
                partial(list, q[coarse:]),
            )
            for where, (direction, q) in zip(places, lines, strict=True)
        )
        return GradientReport(overall(j.outcome for j in judged), judged, analytic.size, len(self.directions))


def gradient_pairs(exercise: Exercise, forward: Exercise) -> list[tuple[str, str]]:
    """Which outputs of an exercise are gradients of what `forward` returns, with respect to which of its inputs.

    `forward` must return one value besides gradients: a number, or an array whose upstream gradient (`d` + its name)
    is an input of the exercise.
    """
    if exercise.driver or (exercise.forward and forward is exercise):
        return []
    found = pairs(exercise.outputs, forward.parameters)
    result, *others = [o for o in forward.outputs if o not in {gradient for gradient, _ in found}] or [""]
    if not result or others or result != forward.outputs[0]:
        return []
    known = "d" + result in exercise.parameters
    return found if known or (forward is exercise and not forward.stage(result).dims) else []


def pairs(outputs: tuple[str, ...], parameters: tuple[str, ...]) -> list[tuple[str, str]]:
    """(gradient, variable) by the rule that `d` + name is the gradient with respect to name: ("dW", "W")."""
    return [(name, name[1:]) for name in outputs if name.startswith("d") and name[1:] in parameters]


def variable_of(gradient: str, known: Container[str]) -> str | None:
    """The name among `known` whose gradient a name says it is: `dW` and `grad_W` are W's; None for other names."""
    for prefix in ("grad_", "d_", "d"):
        if gradient.startswith(prefix) and gradient.removeprefix(prefix) in known:
            return gradient.removeprefix(prefix)
    return None
