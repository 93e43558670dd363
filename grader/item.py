"""One exercise on its inputs: what is asked of a student's function, and what its answers are worth."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from grader import wire
from grader.calls import Answer, Error, Run, Task
from grader.child import GIVEN
from grader.compare import as_numbers, close, rounded
from grader.diagnosis import difference
from grader.evidence import Trace, equal
from grader.exercise import FULL_MARKS, Exercise, Outcome
from grader.explain import ELSEWHERE, KEPT, NO_ARRAY, NOT_ALWAYS, Verdict, all_right, explain
from grader.hypotheses import Cause
from grader.own_forward import ASTRAY, EXACT, Shown
from grader.replay import Oracle, made
from grader.scoring import CheckMark, ExerciseMark, StageMark, exercise_outcome, nothing
from grader.toplevel import Function, parsed

ENDED = ("OutOfTime", "ProcessEnded", "ProtocolError", "MemoryError")
# of an output that is right, or follows, and was not returned
SLIPS = (Cause(KEPT), Cause(KEPT, NOT_ALWAYS), Cause(KEPT, NO_ARRAY))
TASKS_KEPT = 4  # of an exercise, encoded: with and without probes, perhaps under another name
RIGHT_KEPT = 8  # answers to an exercise that are right, bit by bit
UNREACHED = Run(error=Error("NotReached"))  # a case that was not asked any more


@dataclass(frozen=True)
class Tried:
    """What a student's function did when it was run unobserved. `ended` is what stopped it from outside."""

    answer: Answer
    traces: Sequence[Trace]  # by case
    right: bool  # on every ordinary case
    ended: Error | None


class Item:
    """One exercise on its inputs."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle, self.exercise = oracle, oracle.exercise
        self.ordinary = [i for i, c in enumerate(oracle.cases) if c.check is None]
        self.sizes = [oracle.sizes[i].get("N", 0) for i in self.ordinary]
        self._arrays: list[Any] = []
        calls = [[wire.encode(v, self._arrays) for v in c.inputs.values()] for c in oracle.cases]
        # asked in an order that only the inputs tell, the first once more in the end: state kept between calls shows
        chance = np.random.default_rng(zlib.crc32(b"".join(a.tobytes() for a in self._arrays)))
        order = [int(i) for i in chance.permutation(len(calls))]
        self.order = [*order, *(i for i in order[:1] if len(order) > 1)]
        self._calls = [calls[i] for i in self.order]
        self.task = lru_cache(TASKS_KEPT)(self._task)
        self._right: dict[int, tuple[Sequence[Run], Tried]] = {}  # by what came; it stays, and so the number is its own

    @cached_property
    def _generators(self) -> list[int]:
        """Which inputs are random generators."""
        values = self.oracle.cases[0].inputs.values()
        return [i for i, v in enumerate(values) if isinstance(made(v), np.random.Generator)]

    def _task(self, function: str, observe: bool) -> Task:
        """The calls of a student's function by that name."""
        return Task(function, self._calls, self._arrays, observe, self.exercise.driver_name)

    def settled(self, answer: Answer) -> Answer:
        """Runs by case. Of two different results for one case the one that is not right counts."""
        by_case: dict[int, Run] = {}
        other = None
        for case, run in zip(self.order, answer.runs, strict=False):
            first = by_case.setdefault(case, run)
            if first is not run and not _alike(self.exercise, first, run):
                kept, other = (run, first) if self._right_on(case, first) else (first, run)
                by_case[case] = kept
        runs = [by_case.get(case, UNREACHED) for case in range(len(self.oracle.cases))]
        return Answer(runs, answer.seconds, other)

    def _right_on(self, case: int, run: Run) -> bool:
        outputs, right = returned_stages(self.exercise, run), self.oracle.right[case]
        return all(close(outputs.get(name), right[name]) for name in self.exercise.outputs)

    def traces(self, runs: Sequence[Run]) -> list[Trace]:
        """One a case; a case that was not reached has neither outputs nor values."""
        made = [
            Trace(
                returned_stages(self.exercise, run),
                tuple(o for o in run.observed if o.label != GIVEN),
                run.error is not None,
            )
            for run in runs[: len(self.oracle.cases)]
        ]
        return made + [Trace({}, (), True)] * (len(self.oracle.cases) - len(made))

    def tried(self, answer: Answer) -> Tried:
        """What an answer is worth. One that is right is looked at once, for all who answer so (see `calls._known`)."""
        known = self._right.get(id(answer.runs))
        if known is not None and known[0] is answer.runs:
            tried = known[1]
            return replace(tried, answer=replace(tried.answer, seconds=answer.seconds))
        settled = self.settled(answer)
        traces = self.traces(settled.runs)
        tried = Tried(settled, traces, all_right(self.oracle, traces, self.ordinary), stopped(settled))
        if tried.right and tried.ended is None:
            if len(self._right) >= RIGHT_KEPT:
                del self._right[next(iter(self._right))]
            self._right[id(answer.runs)] = answer.runs, tried
        return tried

    def exact(self, tried: Tried) -> bool:
        """Is the first output right to double precision on every ordinary case, and to be had on other inputs too?"""
        if not self.oracle.replays:
            return False
        name = self.exercise.outputs[0]
        pairs = [(tried.traces[i].outputs.get(name), self.oracle.right[i][name]) for i in self.ordinary]
        return all(close(got, right) and not rounded(got, right) for got, right in pairs)

    def mark(
        self,
        function: Function,
        first: Tried,
        second: Answer | None,
        gradients: Sequence[tuple[str, str]],
        probed: Mapping[str, Shown],
    ) -> ExerciseMark:
        """`gradients` names the returned gradients; `probed` holds the numerical checks that were made of them."""
        exercise = self.exercise
        place = (function.label, function.line)
        plain, right, answer = first.traces, first.right, first.answer
        if first.ended is not None:
            error: Error | None = first.ended
            if first.ended.kind == "OutOfTime":
                error = replace(first.ended, line=function.loop_at(first.ended.label, first.ended.line))
            return replace(nothing(exercise, exercise_outcome((), (), error), error, place), seconds=answer.seconds)
        traces = self.traces(second.runs) if second is not None else plain
        places = {} if right else self.swapped(plain)
        if places:
            traces = [replace(t, outputs={n: t.outputs.get(o) for n, o in places.items()}) for t in traces]
        if right and second is None:
            verdicts = [Verdict(s, Outcome.PASSED) for s in exercise.stages]
        else:
            verdicts = explain(self.oracle, traces, self.ordinary)
            if right:
                verdicts = [
                    v if v.outcome in (Outcome.PASSED, Outcome.IMPLIED) else Verdict(v.stage, Outcome.PASSED)
                    for v in verdicts
                ]
        walked, verdicts = verdicts, self.returned(verdicts, places)
        cases = [self.oracle.cases[i] for i in self.ordinary]
        unused = self.unused(function) if not right else ""
        differences = [difference(v, cases, self.sizes, exercise.outputs) for v in verdicts]
        stages = tuple(
            StageMark(v, d and replace(d, unused=unused)) for v, d in zip(verdicts, differences, strict=True)
        )
        raised = [i for i in self.ordinary if i < len(answer.runs) and answer.runs[i].error is not None]
        error = answer.runs[raised[0]].error if raised else None
        checks = [self.check(c, plain, traces, walked, right) for c in exercise.checks]
        outcome = exercise_outcome(stages, checks, error)
        facts = _facts(exercise, answer.runs)
        if raised and len(raised) < len(self.ordinary):
            facts = (("raised on", self.oracle.cases[raised[0]].name), *facts)
        if (
            error is not None
            and not exercise.driver_name
            and (shapes := self.shapes_at(function, error, traces, raised[0]))
        ):
            facts = (("shapes", shapes), *facts)
        if answer.other is not None:
            facts = (("unsteady", None), *facts)
        if second is not None and exercise.vectorized and (line := self.looped(second.runs)) is not None:
            facts = (*facts, ("loop", line))
        if not right and (size := self.built_in(function, plain)) is not None:
            facts = (*facts, ("built in", size))
        passed = {v.stage.name for v in verdicts if v.outcome is Outcome.PASSED}
        borrowed = function.borrowed(exercise.parameters) if not right else None
        if borrowed is not None:
            facts, probed = (("borrowed", borrowed), *facts), {}
        elif unused:
            facts = (("unused", unused), *facts)
        slopes = [
            _slope(g, probed[g], g in passed)
            if g in probed
            else self.unprobed(g, right, plain, "borrowed" if borrowed is not None else "")
            for g, _ in gradients
        ]
        names = tuple(c.name for c in cases)
        return ExerciseMark(exercise, outcome, stages, (*checks, *slopes), error, place, answer.seconds, facts, names)

    def swapped(self, plain: Sequence[Trace]) -> dict[str, str]:
        """By output: in the place of which it was returned, "" where its place has the value of another. Empty where
        none was returned in another place."""
        names = self.exercise.outputs
        if len(names) < 2 or any(len(leaf.path) != 1 for leaf in self.exercise.returns if leaf.stage):
            return {}
        astray = [n for n in names if not self._is(plain, n, n)]
        found: dict[str, str] = {}
        for name in astray:
            place = next((o for o in astray if o not in found.values() and self._is(plain, o, name)), None)
            if place is not None:
                found[name] = place
        # a wrong number where an output belongs is a slip: what stands elsewhere is right by chance, or follows
        lacking = {n for n in names if all(as_numbers(trace.outputs.get(n)) is None for trace in plain)}
        found = {n: o for n, o in found.items() if n in lacking or n in found.values()}
        taken = set(found.values())
        return {n: found.get(n, "" if n in taken else n) for n in names} if found else {}

    def returned(self, verdicts: list[Verdict], places: Mapping[str, str]) -> list[Verdict]:
        """The verdicts where outputs were computed and not returned, or came in the place of another: one slip, which
        costs the last of them."""
        astray = {name: ELSEWHERE if place else "" for name, place in places.items() if place != name}
        slips = [v for v in verdicts if v.cause in SLIPS or (v.stage.name in astray and v.outcome in FULL_MARKS)]
        made = {v.stage.name: v for v in slips}
        for v in slips[:-1]:
            right = [self.oracle.right[i][v.stage.name] for i in self.ordinary]
            outcome = Outcome.PASSED if v.values is not None and equal(v.values, right) else Outcome.FOLLOWS
            made[v.stage.name] = replace(v, outcome=outcome, how=astray.get(v.stage.name) or KEPT, cause=None)
        for v in slips[-1:]:
            if v.cause is None:
                made[v.stage.name] = replace(v, outcome=Outcome.FAILED, cause=Cause(KEPT, astray[v.stage.name]))
        return [made.get(v.stage.name, v) for v in verdicts]

    def _is(self, plain: Sequence[Trace], place: str, name: str) -> bool:
        """Is what was returned in the place of an output the right value of another one, on every case?"""
        return all(close(plain[i].outputs.get(place), self.oracle.right[i][name]) for i in self.ordinary)

    def shapes_at(
        self, function: Function, error: Error, traces: Sequence[Trace], case: int
    ) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The arrays that the statement read which raised, as far as they were seen: names and shapes."""
        end = function.line + function.source.count("\n")
        own = [s for s in traces[case].seen if s.label == function.label and function.line <= s.line <= end]
        inputs = self.oracle.cases[case].inputs
        given = None if self.exercise.adapter else function.arguments()
        if given is not None:
            inputs = dict(zip(given, inputs.values(), strict=False))
        values = {**inputs, **{seen.name: seen.value for seen in own}}
        arrays = [(n, as_numbers(values.get(n))) for n in function.names_at(error.label, error.line)]
        return tuple((name, array.shape) for name, array in arrays if array is not None and array.ndim)

    def looped(self, runs: Sequence[Run]) -> int | None:
        """The line of a statement that was run more often the more examples there were."""
        counts: dict[tuple[str, int], list[int]] = {}
        several = [(i, n) for i, n in zip(self.ordinary, self.sizes, strict=True) if n > 1]  # one turn is like none
        sizes = [n for _, n in several]
        for i, _ in several:
            for label, line, count in runs[i].busiest if i < len(runs) else ():
                counts.setdefault((label, line), []).append(count)
        for (label, line), found in counts.items():
            if label != GIVEN and len(found) == len(sizes) and _grow(found, sizes):
                return line
        return None

    def built_in(self, function: Function, plain: Sequence[Trace]) -> tuple[str, int] | None:
        """A size and its number, if the function is right only where the size is that, and the number stands in it."""
        several = [i for i, n in zip(self.ordinary, self.sizes, strict=True) if n != 1]  # one example is often right
        fine = {i for i in several if all_right(self.oracle, plain, [i])}
        tree = parsed(function.source)
        if not fine or tree is None:
            return None
        numbers = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) is int}
        sizes = {i: self.oracle.sizes[i] for i in several}
        for letter, size in sizes[min(fine)].items():
            if size > 1 and size in numbers and {i for i in several if sizes[i].get(letter) == size} == fine:
                return letter, size
        return None

    def unused(self, function: Function) -> str:
        """The student's name of a random generator that came in and is not used; "" where there is none."""
        if self.exercise.adapter or self.exercise.driver:
            return ""  # what is called with these inputs is not the student's function
        names = (function.unused(position) for position in self._generators)
        return next((name for name in names if name is not None), "")

    def unprobed(self, gradient: str, right: bool, plain: Sequence[Trace], why: str = "") -> CheckMark:
        """The check of a gradient that no difference quotients were taken for, or none that count (`why`)."""
        if right:
            return CheckMark(f"gradient {gradient}", Outcome.PASSED)
        value = as_numbers(plain[0].outputs.get(gradient)) if plain else None
        if why:
            reason = why
        elif plain and plain[0].crashed:
            reason = "raised"
        elif value is None:
            reason = "not returned"
        elif value.shape != np.shape(self.oracle.right[0][gradient]):
            reason = "shape"
        else:
            reason = "no forward" if self.exercise.forward is not None else ""
        return CheckMark(f"gradient {gradient}", Outcome.MISSING, what=reason)

    def check(
        self,
        check: tuple[str, int, str, str],
        plain: Sequence[Trace],
        traces: Sequence[Trace],
        verdicts: list[Verdict],
        right: bool,
    ) -> CheckMark:
        """A property holds if its inputs change no verdict. Where nothing is right, nothing shows that it holds."""
        name, points, what, hint = check
        own = [i for i, c in enumerate(self.oracle.cases) if c.check == name]
        if right:
            holds = all_right(self.oracle, plain, own)
        elif not any(_evident(v) for v in verdicts if v.stage.name in self.exercise.outputs):
            return CheckMark(
                name,
                Outcome.MISSING if all(v.outcome is Outcome.MISSING for v in verdicts) else Outcome.BLOCKED,
                points,
                what,
                hint,
            )
        else:
            more = explain(self.oracle, traces, [*self.ordinary, *own])
            holds = [(v.outcome, v.cause) for v in more] == [(v.outcome, v.cause) for v in verdicts]
        return CheckMark(name, Outcome.PASSED if holds else Outcome.FAILED, points, what, hint)


def _grow(counts: Sequence[int], sizes: Sequence[int]) -> bool:
    """Do they grow with the sizes, or are they multiples of them? What grows with another size is neither."""
    pairs = sorted(zip(sizes, counts, strict=True))
    if min(len(set(sizes)), len(set(counts))) < 2 or any(c < n for n, c in pairs):
        return False
    return all(c % n == 0 for n, c in pairs) or all(c < d for (n, c), (m, d) in pairwise(pairs) if n < m)


def _slope(gradient: str, shown: Shown, passed: bool) -> CheckMark:
    """The check of a gradient by difference quotients; `passed`: it is the right one."""
    astray = passed and shown.own and shown.outcome is Outcome.FAILED
    outcome = Outcome.INCONCLUSIVE if astray else shown.outcome
    what = ASTRAY if astray else "" if shown.own else EXACT
    return CheckMark(f"gradient {gradient}", outcome, report=shown.report, what=what)


def _evident(verdict: Verdict) -> bool:
    """Does an output show what the student computed: right, following, or wrong in a way that is understood?"""
    if verdict.outcome in FULL_MARKS:
        return True
    return verdict.outcome is Outcome.FAILED and verdict.cause is not None and verdict.cause.kind != "missing"


def returned_stages(exercise: Exercise, run: Run) -> dict[str, Any]:
    """What a call returned, by stage; one value stands for the first of several, a list of numbers for an array."""
    if run.error is not None:
        return {}
    found = {}
    alone = exercise.returned < 2
    for leaf in exercise.returns:
        if leaf.stage is None:
            continue
        value = run.output
        if alone and isinstance(value, tuple | list) and len(value) == 1 and isinstance(value[0], np.ndarray | tuple):
            value = value[0]
        try:
            for key in leaf.path:
                if isinstance(key, int) and not isinstance(value, tuple if alone else tuple | list):
                    if key:  # one value came: it stands for the first
                        raise IndexError
                    break
                value = value[key]
        except (KeyError, IndexError, TypeError):
            continue
        found[leaf.stage] = _array(value) if isinstance(value, tuple | list) else value
    return found


def _array(value: Any) -> Any:
    """A list of numbers as an array; rows of rows are none: nothing could be computed with them."""
    numbers = [as_numbers(one) for one in value]
    return np.array(numbers) if all(one is not None and one.ndim == 0 for one in numbers) else value


def _facts(exercise: Exercise, runs: Sequence[Run]) -> tuple[tuple[str, Any], ...]:
    facts: list[tuple[str, Any]] = []
    wanted = exercise.returned
    done = [r for r in runs if r.error is None]
    if wanted and done:
        output = done[0].output
        count = len(output) if isinstance(output, tuple | list) else 1
        if output is None or count != wanted:
            facts.append(("returned", (0 if output is None else count, wanted)))
    changed = sorted({exercise.parameters[i] for r in done for i in r.changed if i < len(exercise.parameters)})
    if changed:
        facts.append(("changed", tuple(changed)))
    return tuple(facts)


def stopped(answer: Answer) -> Error | None:
    """What ended the task from outside (time, memory, a killed process), so that running it again is no use."""
    errors = [run.error for run in (*answer.runs, answer.other) if run is not None and run.error is not None]
    return next((e for e in errors if e.kind in ENDED), None)


def _alike(exercise: Exercise, one: Run, other: Run) -> bool:
    """Did two calls on the same inputs do the same, within rounding?"""
    if one.error is not None or other.error is not None:
        return one.error is not None and other.error is not None and one.error.kind == other.error.kind
    first, second = returned_stages(exercise, one), returned_stages(exercise, other)
    for name in exercise.outputs:
        a, b = as_numbers(first.get(name)), as_numbers(second.get(name))
        if a is None or b is None:
            if a is not b:
                return False
        elif not (a.shape == b.shape and (np.array_equal(a, b, equal_nan=True) or close(a, b))):
            return False
    return True
