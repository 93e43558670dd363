"""Proof that a kit is right and that its grader catches mistakes; what CI runs.

For every exercise: the code leaves earlier values alone, shapes are as the docstring says, returned gradients agree
with numerical ones, variants agree with the reference; then, through the same path as any submission: the reference
gets full marks, the stub none, and every named mistake is caught at its own stage, by its own name, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.compare import as_numbers, close
from grader.exercise import FULL_MARKS, Array, Exercise, Mistake, Outcome
from grader.gradient_check import check_gradient
from grader.gradients import gradient_pairs
from grader.grading import Bench
from grader.kit import Kit
from grader.reference import Reference, bind_shape
from grader.release import stale
from grader.replay import ReferenceOracle, execute, oracle_for
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import Submission, from_sources

ENTRY = re.compile(r"^\s*(\w+(?:\s*,\s*\w+)*)\s*:", re.MULTILINE)  # of a docstring: what is told of some names
SEED = 4  # any other than the public one; validation must not depend on it


@dataclass
class Report:
    """What was found on one exercise. `problems` are sentences that name the place."""

    exercise: Exercise
    mistakes: int = 0
    caught: int = 0
    problems: list[str] = field(default_factory=list)


def validate(kit: Kit, seed: int = SEED) -> Iterator[Report]:
    """A report per exercise, as soon as it is known."""
    oracles = [oracle_for(r, seed) for r in kit.references]
    whole = Bench(oracles)
    by_name = {o.exercise.name: o for o in oracles}
    with kit.sandbox() as sandbox:
        for oracle in oracles:
            yield _exercise(oracle, by_name, whole, sandbox)


def leftovers(kit: Kit) -> list[str]:
    """Problems of the kit as a whole: derived files that no longer fit."""
    return stale(kit)


def _exercise(oracle: ReferenceOracle, by_name: dict[str, ReferenceOracle], whole: Bench, sandbox: Sandbox) -> Report:
    reference = oracle.reference
    report = Report(oracle.exercise, mistakes=len(reference.mistakes))
    place = f"{reference.path.name}: {reference.name}"
    proofs = [_shapes(oracle), _contract(oracle)]
    if reference.class_node is None:
        proofs += [_replays(oracle), _gradients(oracle, by_name), _variants(oracle)]
    for told in (problem for proof in proofs for problem in proof):
        report.problems.append(f"{place}: {told}")
    bench = bench_of(oracle, by_name)
    mark = marked(bench, reference, reference.source, sandbox)
    if mark.points != mark.exercise.points:
        report.problems.append(
            f"{place}: the reference gets {mark.points} of {mark.exercise.points} points ({_lost(mark)})"
        )
    mark = marked(bench, reference, reference.exercise.stub, sandbox)
    if mark.points:
        report.problems.append(f"{place}: the stub gets {mark.points} points, it should get none")
    for mistake in reference.mistakes:
        wrong = _mistake(marked(bench, reference, reference.function_with(mistake), sandbox), mistake)
        if wrong:
            report.problems.append(f"{place}: the mistake {mistake.name} at {mistake.stage}: {wrong}")
        else:
            report.caught += 1
    return report


def bench_of(oracle: ReferenceOracle, by_name: dict[str, ReferenceOracle]) -> Bench:
    """What one exercise is marked with: itself, and the forward pass that it differentiates."""
    return Bench([oracle, *([by_name[oracle.exercise.forward]] if oracle.exercise.forward in by_name else [])])


def marked(bench: Bench, reference: Reference, source: str, sandbox: Sandbox) -> ExerciseMark:
    """The mark of one source of an exercise, by the same path as any submission's. Lines are counted in `source`."""
    sources = [("imports", "import numpy as np"), ("code", source)]
    submission: Submission = from_sources(reference.name, sources, bench.stubs)
    return next(m for m in bench.mark(submission, sandbox).exercises if m.exercise.name == reference.name)


def _lost(mark: ExerciseMark) -> str:
    lost = [f"{s.verdict.stage.name} {s.verdict.outcome}" for s in mark.stages if s.verdict.outcome not in FULL_MARKS]
    lost += [f"{c.name} {c.outcome}" for c in mark.checks if c.points < c.max_points]
    return ", ".join(lost) + (f"; {mark.error.kind}: {mark.error.text}" if mark.error else "")


def _mistake(mark: ExerciseMark, mistake: Mistake) -> str | None:
    """Why the mistake is not caught as it should be, None if it is."""
    wrong = [s for s in mark.stages if s.verdict.outcome not in FULL_MARKS]
    if mark.error is not None:
        return f"its code raises {mark.error.kind}: {mark.error.text}"
    if not wrong:
        return "gets full marks: it computes the right value on every case"
    if [s.verdict.stage.name for s in wrong] != [mistake.stage]:
        return f"costs {', '.join(s.verdict.stage.name for s in wrong)} instead of {mistake.stage}"
    cause = wrong[0].verdict.cause
    if cause is None or cause.kind != "mistake":
        return "is caught, but not recognized"
    if cause.name != mistake.name:
        return f"is taken for {cause.name}: on every case both compute the same"
    return None


def _replays(oracle: ReferenceOracle) -> Iterator[str]:
    """Does a block change a value it did not make?"""
    for number, case in enumerate(oracle.cases):
        env = oracle.start(number)
        for block, made in enumerate(oracle.reference.blocks):
            before = {k: v.copy() for k, v in env.items() if isinstance(v, np.ndarray)}
            after = oracle.replay(number, block, dict(env))[0]
            execute(made.code, oracle.reference.module, dict(env))
            for name, old in before.items():
                if name not in made.stages and not np.array_equal(old, env[name], equal_nan=True):
                    yield (
                        f"line {made.line}: {made.stages[0]} changes {name} in place on the case {case.name!r}: copy "
                        "first"
                    )
                    return
            env = after or env


def _contract(oracle: ReferenceOracle) -> Iterator[str]:
    """Does the docstring, which is all that students have, tell every input and what is returned?"""
    exercise = oracle.exercise
    entries = {name for line in ENTRY.findall(exercise.docstring) for name in re.findall(r"\w+", line)}
    silent = [] if exercise.driver else [p for p in exercise.parameters if p not in entries]
    if silent:
        yield f"its docstring says nothing of {', '.join(silent)}: add a line `{silent[0]}: (N, D) what it is` to Args"
    if "Returns:" not in exercise.docstring and not exercise.driver:
        yield "its docstring does not say what is returned: add a Returns section"


def _shapes(oracle: ReferenceOracle) -> Iterator[str]:
    exercise = oracle.exercise
    for number, case in enumerate(oracle.cases):
        sizes: dict[str, int] = {}
        env = oracle.right[number]
        declared = [(n, d) for n, d in exercise.shapes.items() if n in env] + [
            (s.name, s.dims) for s in exercise.stages
        ]
        for name, dims in declared:
            value = as_numbers(env[name])
            if value is None or not bind_shape(dims, value.shape, sizes):
                said = f"({', '.join(dims)})"
                if value is None:  # words in parentheses read as a shape
                    yield (
                        f"{name} is no array, but {said} stands behind it, which reads as its shape: begin with a word "
                        f"({name}: a tuple of ...)"
                    )
                else:
                    yield f"{name} has shape {value.shape} on the case {case.name!r}, {said} is said, with {sizes}"
                return


def _variants(oracle: ReferenceOracle) -> Iterator[str]:
    for block, codes in oracle.reference.variants.items():
        for number, case in enumerate(oracle.cases):
            env = {**oracle.right[number], **oracle.start(number)}
            for way in oracle.replay(number, block, env)[1 : 1 + len(codes)]:
                for stage in oracle.exercise.block_stages(block):
                    if way is None or not close(way[stage.name], oracle.right[number][stage.name]):
                        yield f"a variant of {stage.name} disagrees with the reference on the case {case.name!r}"
                        return


def _gradients(oracle: ReferenceOracle, by_name: dict[str, ReferenceOracle]) -> Iterator[str]:
    """Returned gradients against numerical ones of the reference's own forward pass."""
    exercise = oracle.exercise
    forward = by_name.get(exercise.forward or exercise.name)
    if forward is None:
        return
    result = forward.exercise.outputs[0]
    found = gradient_pairs(exercise, forward.exercise)
    if not found:
        return
    function = _callable(forward.reference)
    for number, case in enumerate(oracle.cases):
        if case.check is not None:
            continue
        env = {**forward.start(number), **oracle.start(number)}
        upstream = case.inputs.get("d" + result)
        for gradient, variable in found:
            at = env.get(variable)
            if not isinstance(at, float) and not (isinstance(at, np.ndarray) and at.dtype.kind == "f"):
                continue

            def value(point: Array, variable: str = variable, env: dict[str, Any] = env) -> Any:
                changed = {**env, variable: point}
                return _first(function(*(changed[p] for p in forward.exercise.parameters)))

            shapes = np.shape(oracle.right[number][gradient]), np.shape(at)
            if shapes[0] != shapes[1]:
                yield f"{gradient} has shape {shapes[0]} on the case {case.name!r}, {variable} has {shapes[1]}"
                return
            shown = check_gradient(value, at, oracle.right[number][gradient], upstream=upstream, every_entry=60)
            if shown.outcome is Outcome.FAILED:
                yield f"{gradient} on the case {case.name!r} {shown}"
                return


def _callable(reference: Reference) -> Any:
    scope = dict(reference.module)
    exec(reference.source, scope)
    return scope[reference.name]


def _first(output: Any) -> Any:
    return output[0] if isinstance(output, tuple) else output
