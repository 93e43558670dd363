"""The numerical checks of the gradients that a submission returned: which there are, and on which calls they rest.

A gradient is checked along random directions by difference quotients of the student's own forward pass (`own_forward`),
or, where that is right, of the reference's, which are the same for all.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from grader.compare import as_numbers
from grader.exercise import Outcome
from grader.gradients import Probe, gradient_pairs
from grader.item import Item, Tried, returned_stages
from grader.own_forward import Plan, Shown
from grader.scoring import ExerciseMark
from grader.submission import Submission

DIRECTIONS = 2  # found every structural mistake in measurements on 300 x 10 arrays
OPEN = (Outcome.FAILED, Outcome.WAITING)  # a stage that numerical checks may still show to be right


class Quotients:
    """The checks that the exercises of a run call for; `entries` of each gradient are compared one by one, too."""

    def __init__(self, items: Mapping[str, Item], entries: int) -> None:
        self.items, self.entries = items, entries
        self._values: dict[tuple[str, str], list[float]] = {}  # of the reference, along each gradient's probe

    @cached_property
    def pairs(self) -> dict[str, list[tuple[str, str]]]:
        """By exercise: which outputs are gradients with respect to which inputs of its forward pass."""
        exercises = {n: item.exercise for n, item in self.items.items()}
        return {n: gradient_pairs(e, exercises[self.forward(n)]) for n, e in exercises.items()}

    def forward(self, name: str) -> str:
        """The exercise whose first output is what the gradients of an exercise are of: perhaps itself."""
        forward = self.items[name].exercise.forward
        return forward if forward is not None and forward in self.items else name

    @cached_property
    def forwards(self) -> frozenset[str]:
        """The forward passes of other exercises."""
        return frozenset(forward for n in self.items if (forward := self.forward(n)) != n)

    def plans(
        self, name: str, submission: Submission, first: Mapping[str, Tried], exact: Collection[str], case: int = 0
    ) -> list[Plan]:
        """How the returned gradients of an exercise may be checked on one case. `exact` names forward passes that are
        right."""
        item = self.items[name]
        exercise, oracle = item.exercise, item.oracle
        runs = first[name].answer.runs
        if len(runs) <= case or runs[case].error is not None:
            return []
        returned = returned_stages(exercise, runs[case])
        forward = self.items[self.forward(name)].exercise
        given = dict(oracle.start(case))
        known = given  # what the reference is given, or makes of it
        if forward is not exercise:
            known = {**self.items[forward.name].oracle.start(0), **given}
            function, tried = submission.functions.get(forward.name), first.get(forward.name)
            if function is None or not function.runnable or (tried is not None and tried.ended is not None):
                return []
        upstream = as_numbers(known.get("d" + forward.outputs[0]))
        if any(p not in known for p in forward.parameters):
            return []
        inputs = {p: oracle.cases[case].inputs.get(p, known[p]) for p in forward.parameters}
        # a layout's convention may hand students other numbers than the reference is given (reg for reg / 2)
        own = forward.name not in exact or any(value is not known[p] for p, value in inputs.items())
        plans = []
        for gradient, variable in self.pairs[name]:
            value, at = as_numbers(returned.get(gradient)), as_numbers(inputs.get(variable))
            if value is not None and at is not None and value.shape == at.shape and at.dtype.kind == "f":
                # the directions depend on the inputs, which no student knows
                rng = np.random.default_rng([zlib.crc32(at.tobytes()), *gradient.encode()])
                entries = self.entries if case == item.ordinary[0] else 0  # they are for reading: once is enough
                probe = Probe.along(at.size, DIRECTIONS, rng, entries)
                right = np.asarray(oracle.right[case][gradient])
                plans.append(Plan(name, forward, gradient, variable, value, right, inputs, given, upstream, probe, own))
        return plans

    def of_reference(self, plan: Plan) -> Shown:
        """What a plan on the first case shows, where the forward pass is right: nothing of the student's is run."""
        key = plan.exercise, plan.gradient
        if key not in self._values:
            self._values[key] = plan.values(self.items[plan.forward.name].oracle)
        return plan.of_reference(self._values[key])

    def open(self, mark: ExerciseMark, shown: Mapping[str, Shown]) -> list[str]:
        """The gradients that other cases may show to be right for the student's own, wrong forward pass; `shown` is
        what the first case shows."""
        names = [s.verdict.stage.name for s in mark.stages if s.verdict.outcome in OPEN]
        return [n for n in names if n in shown and shown[n].own and shown[n].outcome is not Outcome.FAILED]

    def on_other_cases(
        self, name: str, submission: Submission, first: Mapping[str, Tried], gradients: Sequence[str]
    ) -> dict[str, list[Plan]]:
        """The plans of these gradients on all cases but the first, where there is one on each."""
        by_case = [self.plans(name, submission, first, (), case) for case in self.items[name].ordinary[1:]]
        found = {g: [p for plans in by_case for p in plans if p.gradient == g] for g in gradients}
        return {gradient: plans for gradient, plans in found.items() if len(plans) == len(by_case)}
