"""Numerical gradients with an error estimate, and a verdict that can say "cannot be decided".

For each entry (or along each random direction, in large arrays) central differences are taken at several steps;
two neighbouring steps give a value and an estimate of its error, and one-sided slopes show kinks, where any value
between them is a right subgradient. The usual rule, one threshold on |a - n| / max(|a|, |n|) at one step, mistakes
round-off and kinks for errors. docs/accuracy.md, "Numerical gradient checks", has the rule and its measured errors.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from grader.exercise import Array, Exercise, Outcome

STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
FINE_STEPS = (1e-7, 1e-8)  # only for entries that the others leave open
EPS = float(np.finfo(float).eps)
ROUND_OFF = 8.0  # a sum of some tens of terms is good to about 8 eps
SAFETY = 4.0  # the usual factor on a two-point error estimate
SLACK = 1e-7  # of a value: lets results through that were rounded to single precision
SINGLE_SLACK = 1e-5  # of the largest value: and those that were computed in it, where the gradient's dtype says so
RESOLVED = 1e-4  # an estimate this good, relative to the value, decides
SMALL = 0.01  # entries smaller than this part of the largest are held to the largest
KINK_RATIO = 10.0  # a jump between slopes this many times its round-off ...
KINK_KEPT = 0.3  # ... that neither shrinks to this part with the step nor grows as much is a kink

Where = tuple[int, ...] | str  # the index of an entry, or the name of a direction


@dataclass(frozen=True)
class Quotient:
    """Difference quotients at one step."""

    step: float
    central: float
    left: float
    right: float
    round_off: float

    @property
    def gap(self) -> float:
        """Between the slopes of the two sides."""
        return self.right - self.left


@dataclass(frozen=True)
class Estimate:
    """A derivative and how far from it a right value may be."""

    value: float
    tolerance: float


@dataclass(frozen=True)
class Judged:
    """One entry or direction: where, analytic and numerical value, and what follows.

    `tolerance` is how far apart the two may be. At a kink `slopes` is the interval of right values, and `tolerance` how
    far outside it is still right; elsewhere `slopes` is None.
    """

    where: Where
    analytic: float
    numerical: float
    tolerance: float
    outcome: Outcome
    slopes: tuple[float, float] | None = None

    @property
    def kink(self) -> bool:
        return self.slopes is not None


@dataclass(frozen=True)
class GradientReport:
    """The verdict on one array.

    `judged` holds every entry looked at and, in large arrays, every direction; `evaluations` counts the calls of f.
    """

    outcome: Outcome
    judged: tuple[Judged, ...]
    entries: int  # of the array
    directions: int
    evaluations: int

    @property
    def largest_difference(self) -> float:
        """Between analytic and numerical values, where they agree and there is no kink."""
        return max((abs(j.analytic - j.numerical) for j in self._smooth), default=0.0)

    @property
    def error_estimate(self) -> float:
        """How far the two could have been apart, at most, and have agreed."""
        return max((j.tolerance for j in self._smooth), default=0.0)

    @property
    def first_wrong(self) -> Judged | None:
        """The first entry (before any direction) that is wrong."""
        return next((j for j in self.judged if j.outcome is Outcome.FAILED), None)

    @property
    def _smooth(self) -> list[Judged]:
        return [j for j in self.judged if j.outcome is Outcome.PASSED and not j.kink]


def precision(values: Array) -> float:
    """The relative precision of numbers: of their own dtype where it is less than double, else of double."""
    return max(EPS, float(np.finfo(values.dtype).eps)) if values.dtype.kind == "f" else EPS


def step_at(x: float, s: float) -> float:
    """The step of relative size `s` at `x`, exactly representable: `(x + h) - x == h`."""
    return float((x + s * max(1.0, abs(x))) - x)


def quotient(minus: float, base: float, plus: float, h: float, eps: float) -> Quotient:
    """Difference quotients from three values of f, good to a relative `eps`: at x - h, x and x + h."""
    with np.errstate(all="ignore"):
        largest = max(abs(minus), abs(base), abs(plus))
        return Quotient(
            h, (plus - minus) / (2 * h), (base - minus) / h, (plus - base) / h, ROUND_OFF * eps * largest / h
        )


def kinks(quotients: Sequence[Quotient]) -> list[bool]:
    """For each pair of neighbouring steps: is there a kink within both? Then neither has seen the derivative at x.

    The slopes of the two sides lie apart by the jump at the kink and by what curvature adds, which falls with the step
    and is taken out here. What is left stays where there is a kink. Without one it falls a thousandfold from pair to
    pair, until it is round-off, which grows tenfold.
    """
    jumps = []
    for coarse, fine in pairwise(quotients):
        shrunk = fine.step / coarse.step
        jumps.append((fine.gap - shrunk * coarse.gap) / (1 - shrunk))
    clear = [abs(jump) > KINK_RATIO * fine.round_off for jump, fine in zip(jumps, quotients[1:], strict=True)]
    same = [0 < KINK_KEPT * abs(a) < abs(b) < abs(a) / KINK_KEPT and a * b > 0 for a, b in pairwise(jumps)]
    return [c and (before or after) for c, before, after in zip(clear, [False, *same], [*same, False], strict=True)]


def estimate(quotients: Sequence[Quotient]) -> Estimate:
    """Value and tolerance from quotients at falling steps: the pair of neighbours with the smallest error.

    Two quotients may agree by chance where they are noise: the next one then does not, and is ten times noisier. Pairs
    with a kink inside are no evidence: around a kink at 1e-6 the quotients of 1e-3 and 1e-4 agree perfectly, on the
    mean of two slopes of which one is right.
    """
    found = Estimate(quotients[-1].central, np.inf)
    pairs = list(pairwise(quotients))
    gaps = [abs(coarse.central - fine.central) for coarse, fine in pairs]
    noise = [0.1 * gap if np.isfinite(gap) else 0.0 for gap in [*gaps[1:], 0.0]]
    for (coarse, fine), gap, uncertain, kink in zip(pairs, gaps, noise, kinks(quotients), strict=True):
        tolerance = SAFETY * (gap + uncertain + coarse.round_off + fine.round_off)
        if not kink and tolerance < found.tolerance:
            found = Estimate(coarse.central if fine.round_off > gap else fine.central, tolerance)
    return Estimate(found.value, found.tolerance + SLACK * abs(found.value))


def kink_of(quotients: Sequence[Quotient]) -> tuple[tuple[float, float], float] | None:
    """Where there is a kink within the finest steps: the interval between the slopes of its sides, and their error."""
    if not kinks(quotients)[-1]:
        return None
    fine = quotients[-1]
    low, high = sorted((fine.left, fine.right))
    error = 2 * fine.round_off  # a slope of one side is half as good as a central difference
    return (low, high), error + SLACK * max(abs(low), abs(high))


def judge(
    where: Where,
    analytic: float,
    coarse: Sequence[Quotient],
    largest: float,
    finer: Callable[[], Sequence[Quotient]],
    slack: float = 0.0,
) -> Judged:
    """Right, wrong or undecided: one entry. `largest` is the largest derivative of the array in absolute value,
    `slack` the absolute error that the analytic value is allowed for its precision."""
    quotients, found = coarse, estimate(coarse)

    def judged(outcome: Outcome) -> Judged:
        return Judged(where, analytic, found.value, found.tolerance + slack, outcome)

    def agrees() -> bool:
        return abs(analytic - found.value) <= found.tolerance + slack

    def resolved() -> bool:
        return found.tolerance <= RESOLVED * max(abs(found.value), SMALL * largest)

    if not np.isfinite(analytic):
        return judged(Outcome.FAILED)
    if resolved() and agrees():
        return judged(Outcome.PASSED)
    quotients = [*coarse, *finer()]
    found = estimate(quotients)
    if resolved() and agrees():
        return judged(Outcome.PASSED)
    kink = kink_of(quotients)
    if kink is not None:
        (low, high), error = kink
        within = low - error - slack <= analytic <= high + error + slack
        outcome = Outcome.PASSED if within else Outcome.FAILED
        return Judged(where, analytic, found.value, error + slack, outcome, (low, high))
    if not np.isfinite(found.value) or agrees():
        return judged(Outcome.INCONCLUSIVE)
    return judged(Outcome.FAILED)


@dataclass(frozen=True)
class Line:
    """The quotients along an entry or a direction: the first ones, and how to come by the finer ones."""

    where: Where
    analytic: float
    coarse: Sequence[Quotient]
    finer: Callable[[], Sequence[Quotient]]


def judged_lines(lines: Sequence[Line], single: bool, base: float) -> list[Judged]:
    """All lines of one kind, entries or directions. `single`: the gradient is in single precision; `base` is f(x)."""
    if not np.isfinite(base):
        return _not_finite(lines)
    sizes = [abs(estimate(line.coarse).value) for line in lines]
    largest = max((s for s in sizes if np.isfinite(s)), default=0.0)
    slack = SINGLE_SLACK * largest if single else 0.0
    return [judge(line.where, line.analytic, line.coarse, largest, line.finer, slack) for line in lines]


def _not_finite(lines: Sequence[Line]) -> list[Judged]:
    """Where f itself is NaN or infinite at x nothing can be decided, except that a gradient of NaN is none."""

    def outcome(line: Line) -> Outcome:
        return Outcome.INCONCLUSIVE if np.isfinite(line.analytic) else Outcome.FAILED

    return [Judged(line.where, line.analytic, np.nan, np.inf, outcome(line)) for line in lines]


def direction_name(number: int) -> str:
    return f"direction {number + 1}"


def overall(outcomes: Iterable[Outcome]) -> Outcome:
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

    def lines(self, size: int) -> list[Array]:
        """All that is looked along, in an array of `size` entries: the directions, then the entries."""
        return [*self.directions, *(np.eye(1, size, i)[0] for i in self.entries)]

    @property
    def size(self) -> int:
        """How many values of f it takes."""
        return 1 + 2 * len((*STEPS, *FINE_STEPS)) * (len(self.directions) + len(self.entries))

    def points(self, x: Array) -> list[Array]:
        """x itself, then for each direction and step the two points beside it."""
        made = [x]
        for direction in self.lines(x.size):
            for s in (*STEPS, *FINE_STEPS):
                move = (step_at(1.0, s) * direction).reshape(x.shape)
                made += [x - move, x + move]
        return made

    def judged(self, values: Sequence[float], analytic: Array, eps: float = EPS) -> GradientReport:
        """`values` of f at `points`, in order, each good to a relative `eps`."""
        base, rest = values[0], iter(values[1:])
        places: list[Where] = [direction_name(number) for number in range(len(self.directions))]
        places += [tuple(int(k) for k in np.unravel_index(i, analytic.shape)) for i in self.entries]
        single = precision(analytic) > EPS
        gradient = analytic.astype(float).reshape(-1)
        lines = []
        with np.errstate(invalid="ignore"):  # the analytic gradient may hold infinities
            slopes = [float(gradient @ direction) for direction in self.directions]
        slopes += [float(gradient[i]) for i in self.entries]
        for where, slope in zip(places, slopes, strict=True):
            found = [quotient(next(rest), base, next(rest), step_at(1.0, s), eps) for s in (*STEPS, *FINE_STEPS)]
            coarse, fine = found[: len(STEPS)], found[len(STEPS) :]
            lines.append(Line(where, slope, coarse, partial(list, fine)))
        kinds = lines[: len(self.directions)], lines[len(self.directions) :]
        judged = tuple(j for kind in kinds for j in judged_lines(kind, single, base))
        return GradientReport(
            overall(j.outcome for j in judged), judged, analytic.size, len(self.directions), len(values)
        )


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
