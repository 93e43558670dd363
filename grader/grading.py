"""One submission through the whole path: run, explain, score. Everything that is the same for all is made once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from grader import imports, reuse, wire
from grader.apart import groups
from grader.calls import Answer, Error, Runner, Session, Task
from grader.child import GIVEN
from grader.exercise import Exercise, Outcome
from grader.explain import OWN_FORWARD
from grader.item import Item, Tried, returned_stages
from grader.own_forward import Plan, Shown, proven
from grader.quotients import Quotients
from grader.replay import Oracle
from grader.scoring import ExerciseMark, StageMark, SubmissionMark, exercise_outcome, nothing
from grader.submission import Submission
from grader.toplevel import Function, Statement


class Bench:
    """What is marked and on which inputs, encoded once: the oracles of all exercises of a run. `allow` names modules
    that submissions may import beside numpy and the standard library."""

    def __init__(self, oracles: Sequence[Oracle], allow: Collection[str] = (), entries: int = 0) -> None:
        """`entries` of each gradient are compared one by one, besides along random directions."""
        self.allow, self.entries = tuple(allow), entries
        self.known: reuse.Known | None = None  # where functions that are written alike are run once
        self.oracles = {o.exercise.name: o for o in oracles}

    @cached_property
    def items(self) -> dict[str, Item]:
        return {name: Item(oracle) for name, oracle in self.oracles.items()}

    @cached_property
    def quotients(self) -> Quotients:
        return Quotients(self.items, self.entries)

    def narrowed(self, names: Collection[str]) -> Bench:
        """For these exercises only, and the forward passes they differentiate: what the others need is not read."""
        wanted = {*names, *(e.forward for e in self.exercises if e.name in names)}
        return Bench([o for n, o in self.oracles.items() if n in wanted], self.allow, self.entries)

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
            none = tuple(nothing(e, Outcome.MISSING) for e in exercises)
            return SubmissionMark(submission.name, "unreadable", none, submission.problem)
        barred = {e.name: imports.refused(submission.imports.get(e.name, ()), self.allow) for e in exercises}
        ready = [e.name for e in exercises if _runnable(submission.functions.get(e.name)) and not barred[e.name]]
        alike = reuse.alike(submission, [self.items[n].exercise for n in ready])
        ready.sort(key=lambda n: n not in alike)  # what disturbs nothing comes first
        known = self.known if not explain_all else None
        codes = {n: reuse.code(submission, n) for n in alike} if known is not None else {}
        found = known.marks(submission, codes) if known is not None else {}
        with sandbox.session() as session:
            first = self._tried(submission, session, [n for n in ready if n not in found])
            unclear = [n for n, tried in first.items() if tried.ended is None and (explain_all or not tried.right)]
            marked = self._marked(submission, session, first, unclear, found)
        if known is not None:
            alike_forwards = self.quotients.forwards & first.keys() & codes.keys()
            inexact = {n for n in alike_forwards if not self.items[n].exact(first[n])}
            known.keep({n: mark for n, mark in marked.items() if n not in inexact}, codes)
        found |= marked
        marks = [found.get(e.name) or _unrun(e, submission, barred[e.name]) for e in exercises]
        marks = [_with_others(mark, submission.again.get(mark.exercise.name, ())) for mark in marks]
        return SubmissionMark(submission.name, "graded", tuple(marks), sources=_sources(submission))

    def _tried(self, submission: Submission, session: Session, names: Sequence[str]) -> dict[str, Tried]:
        answers, _ = self._run(submission, session, names)
        return {n: self.items[n].tried(answers[n]) for n in names}

    def _marked(
        self,
        submission: Submission,
        session: Session,
        first: Mapping[str, Tried],
        unclear: Sequence[str],
        known: Collection[str],
    ) -> dict[str, ExerciseMark]:
        """The marks of what was run; `unclear` is observed and explained, `known` is right and was not run."""
        forwards = {self.quotients.forward(n) for n in unclear}
        exact = {n for n in forwards if n in known or (n in first and self.items[n].exact(first[n]))}
        plans = [plan for n in unclear for plan in self.quotients.plans(n, submission, first, exact)]
        # what a class does is seen in what it returns
        observed = [n for n in unclear if not self.items[n].exercise.driver]
        own = [plan for plan in plans if plan.own]
        answers, shown = self._run(submission, session, observed, own, observe=True)
        second = {n: self.items[n].settled(answer) for n, answer in answers.items()}
        probes: dict[str, dict[str, Shown]] = {n: {} for n in first}
        by_reference = [(plan, self.quotients.of_reference(plan)) for plan in plans if not plan.own]
        for plan, one in (*zip(own, shown, strict=True), *by_reference):
            probes[plan.exercise][plan.gradient] = one
        marked = {
            n: self.items[n].mark(submission.functions[n], first[n], second.get(n), self.quotients.pairs[n], probes[n])
            for n in first
        }
        return marked | self._followed(submission, session, marked, first, probes)

    def _run(
        self,
        submission: Submission,
        session: Session,
        names: Sequence[str],
        plans: Sequence[Plan] = (),
        observe: bool = False,
    ) -> tuple[dict[str, Answer], list[Shown]]:
        """Answers by name, and what the plans showed, in their order.

        As few processes as can be, the same for the whole session; what must not share one does not (see `apart`).
        """
        found: dict[str, Answer] = {}
        shown: dict[int, Shown] = {}
        for number, group in enumerate(self._groups):
            here = [n for n in names if n in group]
            probed = [at for at, plan in enumerate(plans) if plan.forward.name in group]
            if not here and not probed:
                continue
            tasks = [self.items[n].task(submission.functions[n].name, observe) for n in here]
            for plan in (plans[at] for at in probed):
                arrays: list[Any] = []
                calls = [[wire.encode(v, arrays) for v in call] for call in plan.calls()]
                function = submission.functions[plan.forward.name].name
                tasks.append(Task(function, calls, arrays, driver=plan.forward.driver_name))
            called = {*here, *(plans[at].forward.name for at in probed)}
            statements = [*self._given(called), *submission.statements_for(called)]
            answers = session.run(statements, tasks, number)
            found |= zip(here, answers, strict=False)
            shown |= {at: _shown(plans[at], one) for at, one in zip(probed, answers[len(here) :], strict=True)}
        return found, [shown[at] for at in range(len(plans))]

    @cached_property
    def _groups(self) -> list[list[str]]:
        return groups(list(self.oracles.values()))

    def _given(self, names: Collection[str]) -> list[Statement]:
        """Helpers that every student has, and the drivers of classes."""
        exercises = [self.items[n].exercise for n in names]
        given = sorted({e.given for e in exercises} - {""})
        drivers = [source for e in exercises for source in (e.driver, e.adapter) if source]
        return [(GIVEN, 1, "import numpy as np"), *((GIVEN, 1, source) for source in (*given, *drivers))]

    def _followed(
        self,
        submission: Submission,
        session: Session,
        marks: Mapping[str, ExerciseMark],
        first: Mapping[str, Tried],
        probes: Mapping[str, Mapping[str, Shown]],
    ) -> dict[str, ExerciseMark]:
        """The marks that change because a gradient is right for the student's own, wrong forward pass.

        `probes` are the numerical checks on the first case; the others are looked at only where these leave it open.
        """
        wanted: list[Plan] = []
        found: dict[tuple[str, str], list[Shown]] = {}
        for name, mark in marks.items():
            gradients = self.quotients.open(mark, probes[name])
            others = self.quotients.on_other_cases(name, submission, first, gradients) if gradients else {}
            for gradient, plans in others.items():
                wanted += plans
                found[name, gradient] = [probes[name][gradient]]
        _, shown = self._run(submission, session, (), wanted)
        for plan, one in zip(wanted, shown, strict=True):
            found[plan.exercise, plan.gradient].append(one)
        right = {key for key, cases in found.items() if proven(cases)}
        return {name: _followed(marks[name], {g for n, g in right if n == name}) for name, _ in right}


def mark_units(
    name: str,
    units: Sequence[Submission],
    benches: Sequence[Bench],
    sandbox: Runner,
    explain_all: bool = False,
    only: Collection[str] | None = None,
) -> SubmissionMark:
    """A submission in another layout: every exercise where it is best, by the convention that its forward pass
    follows, as it says what the gradients are of; else by the one that explains most.

    `benches` holds one for each convention, the first with all exercises of the layout's entries; a later file wins a
    tie.
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
                gradients = {gradient for gradient, _ in bench.quotients.pairs[key]}
                if key not in here or _explained(mark, gradients) > _explained(here[key], gradients):
                    here[key] = mark
            waiting = {n for n in waiting if here[n].points < here[n].exercise.points}
            if not waiting:
                break
        for key, mark in here.items():
            if key not in best or mark.points >= best[key].points:
                best[key] = mark
    marks = tuple(best.get(n) or nothing(benches[0].items[n].exercise, Outcome.MISSING) for n in names)
    return SubmissionMark(name, "graded", marks, sources=sources)


def _explained(mark: ExerciseMark, gradients: Collection[str]) -> tuple[float, float]:
    """The points of the forward pass, and all."""
    forward = [s for s in mark.stages if s.verdict.stage.part == "forward" and s.verdict.stage.name not in gradients]
    return sum(s.points for s in forward), mark.points


def _sources(submission: Submission) -> tuple[Statement, ...]:
    """What was handed in, as far as it counts: the functions, and the statements that they need."""
    functions = ((f.label, f.start or f.line, f.source) for f in submission.functions.values())
    return tuple(dict.fromkeys((*functions, *submission.statements)))


def _shown(plan: Plan, answer: Answer) -> Shown:
    return plan.shown([returned_stages(plan.forward, run).get(plan.forward.outputs[0]) for run in answer.runs])


def _followed(mark: ExerciseMark, gradients: Collection[str]) -> ExerciseMark:
    """The mark with these gradients right for the student's own forward pass."""
    stages = tuple(
        StageMark(replace(s.verdict, outcome=Outcome.FOLLOWS, how=OWN_FORWARD, cause=None))
        if s.verdict.stage.name in gradients
        else s
        for s in mark.stages
    )
    properties = [c for c in mark.checks if c.max_points]
    return replace(mark, stages=stages, outcome=exercise_outcome(stages, properties, mark.error))


def _runnable(function: Function | None) -> bool:
    return function is not None and function.runnable


def _with_others(mark: ExerciseMark, places: Sequence[tuple[str, int]]) -> ExerciseMark:
    """With the places of other definitions, where that may be why points are lost."""
    if not places or mark.points == mark.exercise.points:
        return mark
    return replace(mark, facts=(*mark.facts, ("again", tuple(places))))


def _unrun(
    exercise: Exercise, submission: Submission, barred: tuple[str, imports.Import] | None = None
) -> ExerciseMark:
    function = submission.functions.get(exercise.name)
    if function is None:
        known = (("in text", submission.in_text.get(exercise.name)), ("named", submission.named.get(exercise.name)))
        return replace(nothing(exercise, Outcome.MISSING), facts=tuple(fact for fact in known if fact[1] is not None))
    if barred is not None and _runnable(function):
        module, where = barred
        error = Error("Refused", module, where.line, where.label)
        return nothing(exercise, Outcome.REFUSED, error, (function.label, function.line))
    if function.error is not None:
        error = Error("SyntaxError", function.error, function.line, function.label)
        return nothing(exercise, Outcome.CRASHED, error, (function.label, function.line))
    return nothing(exercise, Outcome.MISSING, place=(function.label, function.line))
