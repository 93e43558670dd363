"""How often is a numerical gradient check wrong? Three rules on the same inputs: `python benchmarks/gradient_rule.py`.

The rule of `grader.gradients` beside CS231n's relative error at one step and the tolerances of autograd's gradcheck.
Functions, right gradients and most of the wrong ones come from the references in solutions/: every named mistake of a
function that changes its gradient visibly; beside them a factor 1.0001, one entry off by 1 %, zeros and a missing
regularizer. *Visibly* means: some entry differs by more than 1e-5 of the largest entry of the right gradient.

A false fail is a right gradient called wrong, a false pass a wrong gradient called right. *Inconclusive*, which only
the first rule can answer, is counted by itself. Prints tables in Markdown; equal arguments print equal tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercise import Array, Outcome
from grader.gradient_check import EVERY_ENTRY, check_gradient
from grader.gradients import Probe
from grader.kit import find
from grader.reference import Reference

ROOT = Path(__file__).resolve().parents[1]
VISIBLE = 1e-5
KINKS = "exact kinks"
FAMILIES = (
    "plain",
    "N = 1",
    "scores of hundreds",
    "inputs of 1e-6",
    "weights of 10",
    KINKS,
    "kinks at 1e-5",
    "small regularization",
)
LOSSES = {  # title -> exercise, array, how to find its gradient in what the exercise returns
    "SVM, W": ("svm_loss_vectorized", "W", lambda out: out[1]),
    "softmax, W": ("softmax_loss_vectorized", "W", lambda out: out[1]),
    "two-layer net, W1": ("two_layer_loss", "W1", lambda out: out[1]["W1"]),
    "two-layer net, W2": ("two_layer_loss", "W2", lambda out: out[1]["W2"]),
}
LAYERS = {  # title -> layer, array, position of its gradient
    "ReLU": ("relu", "x", None),
    "leaky ReLU": ("leaky_relu", "x", None),
    "sigmoid": ("sigmoid", "x", None),
    "tanh": ("tanh", "x", None),
    "ELU": ("elu", "x", None),
    "maxout, w1": ("maxout", "w1", 1),
}

References = Mapping[str, Reference]
Function = Callable[[Array], float]


@dataclass(frozen=True)
class Problem:
    """A function at a point, with right gradients (as it is, computed in single precision) and wrong ones by name."""

    function: str
    family: str
    f: Function
    x: Array
    right: Array
    single: Array
    wrong: Mapping[str, Array]


# -- problems


def references() -> References:
    return {r.name: r for r in find(ROOT).references}


def problems(seeds: Sequence[int], known: References) -> Iterator[Problem]:
    for seed in seeds:
        for number, family in enumerate(FAMILIES):
            for title in LOSSES:
                yield _loss(title, family, known, np.random.default_rng([seed, number, *title.encode()]))
            for title in LAYERS if family != "small regularization" else ():
                yield _layer(title, family, known, np.random.default_rng([seed, number, *title.encode()]))


def _drawn(rng: np.random.Generator, family: str, shape: tuple[int, ...]) -> Array:
    """Ordinary numbers; small integers where kinks are wanted, since sums of them meet exactly."""
    if "kinks" in family:
        return rng.integers(-2, 3, shape).astype(float)
    return rng.standard_normal(shape)


def _scaled(family: str, inputs: Array, weights: Sequence[Array]) -> tuple[Array, list[Array]]:
    data = {"scores of hundreds": 100.0, "inputs of 1e-6": 1e-6}.get(family, 1.0)
    return inputs * data, [w * (10.0 if family == "weights of 10" else 1.0) for w in weights]


def _moved(rng: np.random.Generator, family: str, x: Array) -> Array:
    """From exact kinks to a distance of 1e-5 from them."""
    return x + 1e-5 * rng.standard_normal(x.shape) if family == "kinks at 1e-5" else x


def _loss(title: str, family: str, known: References, rng: np.random.Generator) -> Problem:
    name, variable, pick = LOSSES[title]
    reference = known[name]
    N, D, H, C = 1 if family == "N = 1" else 5, 7, 6, 4
    shapes = {"W": (D, C), "W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}
    names = [p for p in reference.exercise.parameters if p in shapes]
    X, weights = _scaled(family, _drawn(rng, family, (N, D)), [_drawn(rng, family, shapes[n]) for n in names])
    inputs: dict[str, Any] = {n: _moved(rng, family, w) for n, w in zip(names, weights, strict=True)}
    inputs |= {"X": X, "y": rng.integers(0, C, N), "reg": 1e-4 if family == "small regularization" else 0.1}
    order = reference.exercise.parameters

    def run(function: Any, given: Mapping[str, Any]) -> Any:
        return function(*(given[p] for p in order))

    def f(point: Array) -> float:
        return float(run(reference.module[name], {**inputs, variable: point})[0])

    right = pick(run(reference.module[name], inputs))
    wrong = _mistakes(reference, lambda function: pick(run(function, inputs)))
    wrong["regularizer missing"] = right - 2 * inputs["reg"] * inputs[variable]
    single = pick(run(reference.module[name], {k: _single(v) for k, v in inputs.items()}))
    return _problem(title, family, f, inputs[variable], right, single, wrong, rng)


def _layer(title: str, family: str, known: References, rng: np.random.Generator) -> Problem:
    layer, variable, position = LAYERS[title]
    forward, backward = known[f"{layer}_forward"], known[f"{layer}_backward"]
    N, D, M = 1 if family == "N = 1" else 5, 7, 4
    names = [p for p in ("w1", "b1", "w2", "b2") if p in forward.exercise.parameters]
    shapes = {"w1": (D, M), "b1": (M,), "w2": (D, M), "b2": (M,)}
    x, weights = _scaled(family, _drawn(rng, family, (N, D)), [_drawn(rng, family, shapes[n]) for n in names])
    inputs: dict[str, Any] = {"x": x, **dict(zip(names, weights, strict=True)), "alpha": 0.7}
    if family == "weights of 10" and not names:
        inputs["x"] = 10 * x  # no weights of its own: what weights of 10 before it would hand on
    inputs[variable] = _moved(rng, family, inputs[variable])
    upstream = rng.standard_normal((N, M) if names else (N, D))

    def run(given: Mapping[str, Any]) -> Any:
        return forward.module[forward.name](*(given[p] for p in forward.exercise.parameters))

    def f(point: Array) -> float:
        return float(np.sum(run({**inputs, variable: point})[0] * upstream))

    def gradient(function: Any, given: Mapping[str, Any], dout: Array) -> Any:
        out = function(dout, run(given)[1])
        return out if position is None else out[position]

    right = gradient(backward.module[backward.name], inputs, upstream)
    wrong = _mistakes(backward, lambda function: gradient(function, inputs, upstream))
    small = {k: _single(v) for k, v in inputs.items()}
    single = gradient(backward.module[backward.name], small, _single(upstream))
    return _problem(title, family, f, inputs[variable], right, single, wrong, rng)


def _mistakes(reference: Reference, gradient: Callable[[Any], Any]) -> dict[str, Array]:
    """The gradient that each named mistake returns. One that raises is found without any numerics."""
    found = {}
    for mistake in reference.mistakes:
        scope = dict(reference.module)
        exec(reference.function_with(mistake), scope)
        try:
            with np.errstate(all="ignore"):
                found[mistake.name] = np.asarray(gradient(scope[reference.name]), dtype=float)
        except (ValueError, IndexError):
            continue
    return found


def _problem(
    title: str,
    family: str,
    f: Function,
    x: Array,
    right: Array,
    single: Array,
    wrong: dict[str, Array],
    rng: np.random.Generator,
) -> Problem:
    wrong = {**wrong, "factor 1.0001": 1.0001 * right, "zeros": np.zeros_like(right)}
    wrong["one entry off by 1 %"] = one_off(right, rng)
    return Problem(title, family, f, x, right, single, {n: w for n, w in wrong.items() if visible(w, right)})


def one_off(right: Array, rng: np.random.Generator) -> Array:
    """One of the entries that are not zero, 1 % too large."""
    made = right.copy()
    there = np.flatnonzero(right)
    if there.size:
        made.flat[rng.choice(there)] *= 1.01
    return made


def visible(wrong: Array, right: Array) -> bool:
    """Does some entry differ by more than 1e-5 of the largest? A wrong shape needs no numerics and is left out."""
    return wrong.shape == right.shape and not np.abs(wrong - right).max() <= VISIBLE * np.abs(right).max()


def _single(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float32)
    return np.float32(value) if isinstance(value, float) else value


# -- rules: outcome of each gradient of a problem, and the evaluations of f that it took


class Counted:
    """A function that counts its calls."""

    def __init__(self, f: Function) -> None:
        self.f, self.calls = f, 0

    def __call__(self, point: Array) -> float:
        self.calls += 1
        with np.errstate(all="ignore"):
            return self.f(point)


Rule = Callable[[Problem, Sequence[Array]], tuple[list[Outcome], float]]


def central(f: Function, x: Array, h: float) -> Array:
    """Central differences at one step, entry by entry."""
    made = np.empty_like(x)
    for i in np.ndindex(x.shape):
        plus, minus = x.copy(), x.copy()
        plus[i] += h
        minus[i] -= h
        made[i] = (f(plus) - f(minus)) / (2 * h)
    return made


def with_errors(problem: Problem, gradients: Sequence[Array]) -> tuple[list[Outcome], float]:
    """The rule of grader.gradients."""
    found, calls = [], 0
    for gradient in gradients:
        f = Counted(problem.f)
        found.append(check_gradient(f, problem.x, gradient).outcome)
        calls += f.calls
    return found, calls / len(gradients)


def relative(threshold: float) -> Rule:
    """|a - n| / max(1e-8, |a| + |n|) at h = 1e-5 below a threshold, as the CS231n notes have it."""

    def rule(problem: Problem, gradients: Sequence[Array]) -> tuple[list[Outcome], float]:
        f = Counted(problem.f)
        n = central(f, problem.x, 1e-5)
        errors = [(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n))).max() for a in gradients]
        return [Outcome.PASSED if e <= threshold else Outcome.FAILED for e in errors], f.calls

    return rule


def absolute_and_relative(problem: Problem, gradients: Sequence[Array]) -> tuple[list[Outcome], float]:
    """|a - n| <= 1e-5 + 1e-3 |n| at h = 1e-6, the defaults of autograd.gradcheck."""
    f = Counted(problem.f)
    n = central(f, problem.x, 1e-6)
    right = [bool((np.abs(a - n) <= 1e-5 + 1e-3 * np.abs(n)).all()) for a in gradients]
    return [Outcome.PASSED if r else Outcome.FAILED for r in right], f.calls


OURS = "grader.gradients"
RULES: dict[str, Rule] = {
    "CS231n, threshold 1e-6": relative(1e-6),
    "CS231n, threshold 1e-4": relative(1e-4),
    "gradcheck (1e-5 + 1e-3)": absolute_and_relative,
    OURS: with_errors,
}


# -- counting


@dataclass(frozen=True)
class Answer:
    """What one rule said of one gradient. `kind` is "right", "rounded", "single" or the name of what is wrong."""

    rule: str
    function: str
    family: str
    kind: str
    outcome: Outcome
    evaluations: float  # an entry


RIGHT, ROUNDED, SINGLE = "right", "rounded", "single"


def answers(seeds: Sequence[int], known: References) -> Iterator[Answer]:
    """Every rule on every gradient of every problem."""
    for problem in problems(seeds, known):
        kinds = {RIGHT: problem.right, ROUNDED: problem.right.astype(np.float32), SINGLE: problem.single}
        kinds |= problem.wrong
        for name, rule in RULES.items():
            outcomes, calls = rule(problem, list(kinds.values()))
            for kind, outcome in zip(kinds, outcomes, strict=True):
                yield Answer(name, problem.function, problem.family, kind, outcome, calls / problem.x.size)


@dataclass(frozen=True)
class Count:
    """False fails of right gradients, false passes of wrong ones, and what could not be decided."""

    right: int
    false_fails: int
    open_right: int
    wrong: int
    false_passes: int
    open_wrong: int


def count(found: Iterable[Answer]) -> Count:
    right, wrong = [], []
    for a in found:
        if a.kind not in (ROUNDED, SINGLE):
            (right if a.kind == RIGHT else wrong).append(a.outcome)
    return Count(
        len(right),
        right.count(Outcome.FAILED),
        right.count(Outcome.INCONCLUSIVE),
        len(wrong),
        wrong.count(Outcome.PASSED),
        wrong.count(Outcome.INCONCLUSIVE),
    )


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part})" if whole else "-"


def summary(found: Sequence[Answer]) -> Iterator[str]:
    """A row a rule."""
    yield (
        "| rule | right called wrong | wrong called right | inconclusive: right, wrong "
        "| right, rounded to float32, called wrong | right, computed in float32, called wrong | evaluations an entry |"
    )
    yield "|---|---|---|---|---|---|---|"
    for rule in RULES:
        mine = [a for a in found if a.rule == rule]
        c = count(mine)
        singles = [[a.outcome for a in mine if a.kind == kind] for kind in (ROUNDED, SINGLE)]
        evaluations = np.mean([a.evaluations for a in mine])
        yield (
            f"| {rule} | {share(c.false_fails, c.right)} | {share(c.false_passes, c.wrong)} "
            f"| {share(c.open_right, c.right)}, {share(c.open_wrong, c.wrong)} "
            f"| {share(singles[0].count(Outcome.FAILED), len(singles[0]))} "
            f"| {share(singles[1].count(Outcome.FAILED), len(singles[1]))} | {evaluations:.1f} |"
        )


def breakdown(found: Sequence[Answer], by: str) -> Iterator[str]:
    """False fails, false passes of each rule, by family or function; ours with what it left open."""
    yield f"| {by} | right, wrong ones | " + " | ".join(RULES) + f" | {OURS}, inconclusive |"
    yield "|" + "---|" * (len(RULES) + 3)
    for key in dict.fromkeys(getattr(a, by) for a in found):
        counts = {r: count(a for a in found if a.rule == r and getattr(a, by) == key) for r in RULES}
        cells = [f"{c.false_fails}, {c.false_passes}" for c in counts.values()]
        c = counts[OURS]
        yield f"| {key} | {c.right}, {c.wrong} | {' | '.join(cells)} | {c.open_right}, {c.open_wrong} |"


def misses(found: Sequence[Answer]) -> Iterator[str]:
    """Every false answer of the rule of grader.gradients, counted by where it happened."""
    seen: dict[tuple[str, str, str], int] = {}
    for a in found:
        wrongly = a.outcome is (Outcome.FAILED if a.kind == RIGHT else Outcome.PASSED)
        if a.rule == OURS and a.kind not in (ROUNDED, SINGLE) and wrongly:
            seen[a.function, a.family, a.kind] = seen.get((a.function, a.family, a.kind), 0) + 1
    for (function, family, kind), times in sorted(seen.items()):
        yield f"- {function}, {family}, {kind}: {times}"


# -- arrays too large for every entry


def large(seeds: Sequence[int], known: References) -> Iterator[tuple[str, str, Outcome]]:
    """(way, kind of gradient, outcome) on the weights, 300 x 10, of a softmax classifier of 50 examples."""
    reference = known["softmax_loss_vectorized"]
    function = reference.module[reference.name]
    for seed in seeds:
        rng = np.random.default_rng([seed, 300])
        X, W, y, reg = (
            rng.standard_normal((50, 300)),
            0.1 * rng.standard_normal((300, 10)),
            rng.integers(0, 10, 50),
            0.1,
        )
        assert W.size > EVERY_ENTRY

        def f(point: Array, X: Array = X, y: Array = y, reg: float = reg) -> float:
            return float(function(point, X, y, reg)[0])

        right = function(W, X, y, reg)[1]
        kinds = _mistakes(reference, lambda g, a=(W, X, y, reg): g(*a)[1])  # type: ignore[misc]
        kinds |= {"factor 1.0001": 1.0001 * right, "one entry off by 1 %": one_off(right, rng)}
        kinds |= {"zeros": np.zeros_like(right)}
        shown = {RIGHT: right, **{n: w for n, w in kinds.items() if visible(w, right)}}
        probe = Probe.along(W.size, 2, rng)
        values = [f(p) for p in probe.points(W)]
        for kind, gradient in shown.items():
            yield "two directions", kind, probe.judged(values, gradient).outcome
            checked = check_gradient(f, W, gradient, rng=np.random.default_rng([seed, 301]))
            yield "four directions and 100 entries", kind, checked.outcome


def large_table(found: Iterable[tuple[str, str, Outcome]]) -> Iterator[str]:
    rows: dict[str, dict[str, list[Outcome]]] = {}
    for way, kind, outcome in found:
        rows.setdefault(kind, {}).setdefault(way, []).append(outcome)
    ways = list(next(iter(rows.values())))
    yield "| gradient | " + " | ".join(f"{way}: passed, failed, inconclusive" for way in ways) + " |"
    yield "|" + "---|" * (len(ways) + 1)
    for kind, by_way in rows.items():
        order = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)
        cells = [", ".join(str(by_way[way].count(o)) for o in order) for way in ways]
        yield f"| {kind} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="how many draws of every family and function")
    parser.add_argument(
        "--first", type=int, default=5000, help="the first seed; those from 1000 were used to tune the rule"
    )
    parser.add_argument("--large", type=int, default=100, help="how many draws of the large array")
    options = parser.parse_args(arguments)
    known = references()
    found = list(answers(range(options.first, options.first + options.seeds), known))
    away = [a for a in found if a.family != KINKS]
    print("\n".join(summary(found)), end="\n\n")
    print("Without exact kinks:\n")
    print("\n".join(summary(away)), end="\n\n")
    print("False fails, false passes:\n")
    print("\n".join(breakdown(found, "family")), end="\n\n")
    print("\n".join(breakdown(found, "function")), end="\n\n")
    print(f"Every false answer of {OURS}:\n")
    print("\n".join(misses(found)), end="\n\n")
    if options.large:
        print("A softmax classifier's W of 300 x 10:\n")
        seeds = range(options.first, options.first + options.large)
        print("\n".join(large_table(large(seeds, known))))


if __name__ == "__main__":
    main()
