"""One submission through the whole path: run, explain, score. Everything that is the same for all is made once."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from grader import imports, wire
from grader.apart import groups
from grader.compare import as_numbers, close
from grader.diagnosis import difference
from grader.evidence import Seen, Trace
from grader.exercise import FULL_MARKS, Exercise, Outcome
from grader.explain import OWN_FORWARD, Verdict, all_right, explain
from grader.gradients import Probe, gradient_pairs
from grader.own_forward import Plan, Shown, proven
from grader.replay import Oracle
from grader.sandbox import Answer, Error, Run, Runner, Task
from grader.scoring import CheckMark, ExerciseMark, StageMark, SubmissionMark, exercise_outcome, nothing
from grader.submission import Submission
from grader.toplevel import Function, Statement, parsed

GIVEN = "given"  # label of code that is not the student's
ENDED = ("OutOfTime", "ProcessEnded", "ProtocolError", "MemoryError")
UNREACHED = Run(error=Error("NotReached"))  # a case that was not asked any more
PROBE_DIRECTIONS = 2  # found every structural mistake in measurements on 300 x 10 arrays


class Bench:
    """What is marked and on which inputs, encoded once: the oracles of all exercises of a run. `allow` names modules
    that submissions may import beside numpy and the standard library."""

    def __init__(self, oracles: Sequence[Oracle], allow: Collection[str] = (), entries: int = 0) -> None:
        """`entries` of each gradient are compared one by one, besides along random directions."""
        self.allow, self.entries = tuple(allow), entries
        self.oracles = {o.exercise.name: o for o in oracles}
        self.items = {name: _Item(oracle) for name, oracle in self.oracles.items()}

    @property
    def exercises(self) -> list[Exercise]:
        return [o.exercise for o in self.oracles.values()]

    @property
    def stubs(self) -> dict[str, str]:
        return {e.name: e.stub for e in self.exercises}

    def mark(
        self,
        submission: Submission,
        sandbox: Runner,
        explain_all: bool = False,
        only: Collection[str] | None = None,
    ) -> SubmissionMark:
        """Mark every exercise (or `only` some). `explain_all` also observes those that are right."""
        exercises = [e for e in self.exercises if only is None or e.name in only]
        if submission.problem is not None:
            marks = tuple(nothing(e, Outcome.MISSING) for e in exercises)
            return SubmissionMark(submission.name, "unreadable", marks, submission.problem)
        barred = {e.name: imports.refused(submission.imports.get(e.name, ()), self.allow) for e in exercises}
        ready = [e.name for e in exercises if _runnable(submission.functions.get(e.name)) and not barred[e.name]]
        first = self._run(submission, sandbox, ready, observe=False)
        again = [n for n in ready if not _stopped(first[n]) and (explain_all or not self.items[n].right(first[n].runs))]
        again = [n for n in again if not self.items[n].exercise.driver]  # what a class does is seen in what it returns
        second = self._run(submission, sandbox, again, observe=True)
        plans = [plan for n in again for plan in self._plans(n, submission, first[n])]
        probes: dict[str, dict[str, Shown]] = {}
        for plan, shown in zip(plans, self._gradients(submission, sandbox, plans), strict=True):
            probes.setdefault(plan.exercise, {})[plan.gradient] = shown
        found = []
        for exercise in exercises:
            function = submission.functions.get(exercise.name)
            if exercise.name not in first or function is None:
                found.append(_unrun(exercise, function, barred[exercise.name]))
            else:
                name, probed = exercise.name, probes.get(exercise.name, {})
                mark = self.items[name].mark(function, first[name], second.get(name), self._pairs(name), probed)
                found.append(self._followed(submission, sandbox, mark, first[name], probed))
        return SubmissionMark(submission.name, "graded", tuple(found), sources=_sources(submission))

    def _run(self, submission: Submission, sandbox: Runner, names: list[str], observe: bool) -> dict[str, Answer]:
        """Answers by name, runs in the order of the cases. What must not share a process does not (see `apart`)."""
        found: dict[str, Answer] = {}
        for group in self._groups:
            together = [n for n in names if n in group]
            if together:
                found |= self._run_together(submission, sandbox, together, observe)
        return found

    @cached_property
    def _groups(self) -> list[list[str]]:
        return groups(list(self.oracles.values()))

    def _run_together(
        self, submission: Submission, sandbox: Runner, names: list[str], observe: bool
    ) -> dict[str, Answer]:
        arrays: list[Any] = []
        exercises = [self.items[n].exercise for n in names]
        tasks = [
            Task(submission.functions[e.name].name, self.items[e.name].encoded(arrays), observe, e.driver_name)
            for e in exercises
        ]
        statements = [*self._given(names), *submission.statements]
        answers = sandbox.run(statements, tasks, arrays)
        return {n: self.items[n].settled(answer) for n, answer in zip(names, answers, strict=True)}

    def _given(self, names: Collection[str]) -> list[Statement]:
        """Helpers that every student has, and the drivers of classes."""
        exercises = [self.items[n].exercise for n in names]
        given = sorted({e.given for e in exercises} - {""})
        drivers = [source for e in exercises for source in (e.driver, e.adapter) if source]
        return [(GIVEN, 1, "import numpy as np"), *((GIVEN, 1, source) for source in (*given, *drivers))]

    def _gradients(self, submission: Submission, sandbox: Runner, plans: Sequence[Plan]) -> list[Shown]:
        """Returned gradients against differences of the student's own forward pass, in the order of the plans."""
        if not plans:
            return []
        arrays: list[Any] = []
        tasks = [
            Task(
                submission.functions[plan.forward.name].name,
                [[wire.encode(v, arrays) for v in call] for call in plan.calls()],
                driver=plan.forward.driver_name,
            )
            for plan in plans
        ]
        answers = sandbox.run([*self._given({p.forward.name for p in plans}), *submission.statements], tasks, arrays)
        return [
            plan.shown([returned_stages(plan.forward, run).get(plan.forward.outputs[0]) for run in answer.runs])
            for plan, answer in zip(plans, answers, strict=True)
        ]

    def _plans(self, name: str, submission: Submission, answer: Answer, case: int = 0) -> list[Plan]:
        item = self.items[name]
        exercise, oracle = item.exercise, item.oracle
        if len(answer.runs) <= case or answer.runs[case].error is not None:
            return []
        returned = returned_stages(exercise, answer.runs[case])
        forward = exercise
        given = dict(oracle.start(case))
        inputs = given
        if exercise.forward is not None and exercise.forward in self.items:
            forward = self.items[exercise.forward].exercise
            inputs = {**self.items[forward.name].oracle.start(0), **given}
            if not _runnable(submission.functions.get(forward.name)):
                return []
        upstream = as_numbers(inputs.get("d" + forward.outputs[0]))
        if any(p not in inputs for p in forward.parameters):
            return []
        inputs = {p: oracle.cases[case].inputs.get(p, inputs[p]) for p in forward.parameters}
        plans = []
        for gradient, variable in self._pairs(name):
            value, at = as_numbers(returned.get(gradient)), as_numbers(inputs.get(variable))
            if value is not None and at is not None and value.shape == at.shape and at.dtype.kind == "f":
                # the directions depend on the inputs, which no student knows
                rng = np.random.default_rng([zlib.crc32(at.tobytes()), *gradient.encode()])
                entries = self.entries if case == item.ordinary[0] else 0  # they are for reading: once is enough
                probe = Probe.along(at.size, PROBE_DIRECTIONS, rng, entries)
                right = np.asarray(oracle.right[case][gradient])
                plans.append(Plan(name, forward, gradient, variable, value, right, inputs, given, upstream, probe))
        return plans

    def _followed(
        self,
        submission: Submission,
        sandbox: Runner,
        mark: ExerciseMark,
        answer: Answer,
        shown: Mapping[str, Shown],
    ) -> ExerciseMark:
        """The mark with every gradient that is right for the student's own, wrong forward pass marked as following.

        `shown` are the numerical checks on the first case; the others are looked at only where these leave it open.
        """
        name = mark.exercise.name
        open_ones = {
            s.verdict.stage.name
            for s in mark.stages
            if s.verdict.outcome in (Outcome.FAILED, Outcome.WAITING)
            and s.verdict.stage.name in shown
            and shown[s.verdict.stage.name].outcome is not Outcome.FAILED
        }
        if not open_ones:
            return mark
        by_case = [self._plans(name, submission, answer, case) for case in self.items[name].ordinary[1:]]
        plans = [[p for p in plans if p.gradient in open_ones] for plans in by_case]
        whole = {g for g in open_ones if all(any(p.gradient == g for p in case) for case in plans)}
        wanted = [p for case in plans for p in case if p.gradient in whole]
        found = {g: [shown[g]] for g in whole}
        for plan, one in zip(wanted, self._gradients(submission, sandbox, wanted), strict=True):
            found[plan.gradient].append(one)
        right = {g for g, cases in found.items() if proven(cases)}
        stages = tuple(_own(s) if s.verdict.stage.name in right else s for s in mark.stages)
        properties = [c for c in mark.checks if c.max_points]
        return replace(mark, stages=stages, outcome=exercise_outcome(stages, properties, mark.error))

    def _pairs(self, name: str) -> list[tuple[str, str]]:
        """Which outputs are gradients with respect to which inputs, of this exercise's own forward pass."""
        exercise = self.items[name].exercise
        if exercise.driver:
            return []
        forward = self.items[exercise.forward].exercise if exercise.forward in self.items else exercise
        return gradient_pairs(exercise, forward)


def mark_units(
    name: str,
    units: Sequence[Submission],
    benches: Sequence[Bench],
    sandbox: Runner,
    explain_all: bool = False,
    only: Collection[str] | None = None,
) -> SubmissionMark:
    """A submission in another layout: every exercise where it is best, by the convention that explains most.

    `benches` holds one for each convention, with the exercises of the layout's entries; a later file wins a tie.
    """
    names = [n for n in benches[0].items if only is None or n in only]
    best: dict[str, ExerciseMark] = {}
    sources = tuple(source for unit in units for source in _sources(unit))
    for unit in units:
        if unit.problem is not None:
            return benches[0].mark(unit, sandbox, only=names)
        waiting = set(unit.functions) & set(names)
        here: dict[str, ExerciseMark] = {}
        for bench in benches:
            for mark in bench.mark(unit, sandbox, explain_all, only=waiting).exercises:
                key = mark.exercise.name
                if key not in here or mark.points > here[key].points:
                    here[key] = mark
            waiting = {n for n in waiting if here[n].points < here[n].exercise.points}
            if not waiting:
                break
        for key, mark in here.items():
            if key not in best or mark.points >= best[key].points:
                best[key] = mark
    marks = tuple(best.get(n) or nothing(benches[0].items[n].exercise, Outcome.MISSING) for n in names)
    return SubmissionMark(name, "graded", marks, sources=sources)


def _sources(submission: Submission) -> tuple[Statement, ...]:
    """What was handed in, as far as it counts: the functions, and the statements that they need."""
    functions = ((f.label, f.start or f.line, f.source) for f in submission.functions.values())
    return tuple(dict.fromkeys((*functions, *submission.statements)))


class _Item:
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

    def encoded(self, arrays: list[Any]) -> list[list[Any]]:
        """The calls, with their arrays appended to those of the job."""
        offset = len(arrays)
        arrays += self._arrays
        return [[_shifted(tree, offset) for tree in call] for call in self._calls]

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
                tuple(Seen(o.name, o.line, o.label, o.value) for o in run.observed if o.label != GIVEN),
                run.error is not None,
            )
            for run in runs[: len(self.oracle.cases)]
        ]
        return made + [Trace({}, (), True)] * (len(self.oracle.cases) - len(made))

    def right(self, runs: Sequence[Run]) -> bool:
        return all_right(self.oracle, self.traces(runs), self.ordinary)

    def mark(
        self,
        function: Function,
        first: Answer,
        second: Answer | None,
        gradients: Sequence[tuple[str, str]],
        probed: Mapping[str, Shown],
    ) -> ExerciseMark:
        """`gradients` names the returned gradients; `probed` holds the numerical checks that were made of them."""
        place = (function.label, function.line)
        if _stopped(first):
            error = _stopped(first)
            if error is not None and error.kind == "OutOfTime":
                error = replace(error, line=function.loop_at(error.label, error.line))
            return replace(nothing(self.exercise, exercise_outcome((), (), error), error, place), seconds=first.seconds)
        plain = self.traces(first.runs)
        right = all_right(self.oracle, plain, self.ordinary)
        traces = self.traces(second.runs) if second is not None else plain
        if right and second is None:
            verdicts = [Verdict(s, Outcome.PASSED) for s in self.exercise.stages]
        else:
            verdicts = explain(self.oracle, traces, self.ordinary)
            if right:
                verdicts = [
                    v if v.outcome in (Outcome.PASSED, Outcome.IMPLIED) else Verdict(v.stage, Outcome.PASSED)
                    for v in verdicts
                ]
        cases = [self.oracle.cases[i] for i in self.ordinary]
        stages = tuple(StageMark(v, difference(v, cases, self.sizes, self.exercise.outputs)) for v in verdicts)
        error = next((first.runs[i].error for i in self.ordinary if i < len(first.runs) and first.runs[i].error), None)
        checks = [self.check(c, plain, traces, verdicts, right) for c in self.exercise.checks]
        outcome = exercise_outcome(stages, checks, error)
        facts = _facts(self.exercise, first.runs)
        if first.other is not None:
            facts = (("unsteady", None), *facts)
        if second is not None and self.exercise.vectorized and (line := self.looped(second.runs)) is not None:
            facts = (*facts, ("loop", line))
        if not right and (size := self.built_in(function, plain)) is not None:
            facts = (*facts, ("built in", size))
        slopes = [
            CheckMark(f"gradient {g}", probed[g].outcome, report=probed[g].report)
            if g in probed
            else self.unprobed(g, right, plain)
            for g, _ in gradients
        ]
        names = tuple(c.name for c in cases)
        return ExerciseMark(
            self.exercise, outcome, stages, (*checks, *slopes), error, place, first.seconds, facts, names
        )

    def looped(self, runs: Sequence[Run]) -> int | None:
        """The line of a statement that was run more often the more examples there were."""
        counts: dict[tuple[str, int], list[int]] = {}
        for i in self.ordinary:
            for label, line, count in runs[i].busiest if i < len(runs) else ():
                counts.setdefault((label, line), []).append(count)
        for (label, line), found in counts.items():
            every = len(found) == len(self.ordinary) and len(set(self.sizes)) > 1
            if (
                label != GIVEN
                and every
                and all(c >= n for c, n in zip(found, self.sizes, strict=True))
                and max(found) > 1
            ):
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

    def unprobed(self, gradient: str, right: bool, plain: Sequence[Trace]) -> CheckMark:
        """The check of a gradient that no difference quotients were taken for."""
        if right:
            return CheckMark(f"gradient {gradient}", Outcome.PASSED)
        value = plain[0].outputs.get(gradient) if plain else None
        reason = "raised" if plain and plain[0].crashed else "not returned" if as_numbers(value) is None else "shape"
        return CheckMark(f"gradient {gradient}", Outcome.MISSING, what=reason)

    def check(
        self,
        check: tuple[str, int, str, str],
        plain: list[Trace],
        traces: list[Trace],
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


def _own(mark: StageMark) -> StageMark:
    """A gradient that is right for the student's own forward pass."""
    return StageMark(replace(mark.verdict, outcome=Outcome.FOLLOWS, how=OWN_FORWARD, cause=None))


def _evident(verdict: Verdict) -> bool:
    """Does an output show what the student computed: right, following, or wrong in a way that is understood?"""
    if verdict.outcome in FULL_MARKS:
        return True
    return verdict.outcome is Outcome.FAILED and verdict.cause is not None and verdict.cause.kind != "missing"


def returned_stages(exercise: Exercise, run: Run) -> dict[str, Any]:
    """What a call returned, by stage; a single value stands for the first of several."""
    if run.error is not None:
        return {}
    found = {}
    for leaf in exercise.returns:
        if leaf.stage is None:
            continue
        value = run.output
        try:
            for key in leaf.path:
                if key == 0 and not isinstance(value, tuple | list):
                    break
                value = value[key]
        except (KeyError, IndexError, TypeError):
            continue
        found[leaf.stage] = value
    return found


def _facts(exercise: Exercise, runs: Sequence[Run]) -> tuple[tuple[str, Any], ...]:
    facts: list[tuple[str, Any]] = []
    wanted = len({leaf.path[0] for leaf in exercise.returns if leaf.path})
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


def _shifted(tree: Any, offset: int) -> Any:
    if tree[0] == "a":
        return ["a", tree[1] + offset]
    if tree[0] in ("t", "l"):
        return [tree[0], [_shifted(t, offset) for t in tree[1]]]
    if tree[0] == "d":
        return ["d", [[k, _shifted(t, offset)] for k, t in tree[1]]]
    return tree


def _runnable(function: Function | None) -> bool:
    return function is not None and not function.stub and function.error is None


def _unrun(
    exercise: Exercise, function: Function | None, barred: tuple[str, imports.Import] | None = None
) -> ExerciseMark:
    if function is None:
        return nothing(exercise, Outcome.MISSING)
    if barred is not None and _runnable(function):
        module, where = barred
        error = Error("Refused", module, where.line, where.label)
        return nothing(exercise, Outcome.REFUSED, error, (function.label, function.line))
    if function.error is not None:
        error = Error("SyntaxError", function.error, function.line, function.label)
        return nothing(exercise, Outcome.CRASHED, error, (function.label, function.line))
    return nothing(exercise, Outcome.MISSING, place=(function.label, function.line))


def _stopped(answer: Answer) -> Error | None:
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
