"""The walk: a verdict per stage, and what happened where a stage went wrong.

Stages are taken in order, with `envs` = the values (one dict a case) that later stages are computed from: right ones
as long as the student is right, the student's own after that, so that one early mistake costs one stage. What cannot
be seen is weighed: the hypothesis that reproduces most of what the student returned is what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader.calls import Observed
from grader.compare import alike, as_numbers, close, rounded, says_nothing, scaled
from grader.evidence import Candidate, Evidence, Trace, Values, distinct, equal, numeric, oriented
from grader.exercise import FULL_MARKS, Exercise, Outcome, Stage
from grader.hypotheses import Cause, Score, Weighing, numbers_in
from grader.replay import Env, Oracle

KEPT = "not returned"  # the cause of an output that is right, or follows, and was not returned
RAISED = "raised"  # and why it was not
NO_ARRAY = "no array"  # or as what
ELSEWHERE = "elsewhere"  # or where
NOT_ALWAYS = "not always"  # or when
UNREACHED = "unreached"  # how a stage is blocked that an exception came before
HALF = "half made"  # how a stage fails that an exception came in the middle of
OWN_FORWARD = "own forward"  # how a gradient follows that difference quotients of the student's own forward pass show
UNKNOWN = object()  # a value that must wait: nothing can be replayed from it


@dataclass(frozen=True)
class Verdict:
    """What is known of one stage. `values` are the student's, `expected` what they should be after what came before."""

    stage: Stage
    outcome: Outcome
    how: str = (
        ""  # the form in which it was found: "transposed", "times N" ...; of a missing one "zeros", "input" or "state"
    )
    found: Observed | None = None  # where, on the first case
    cause: Cause | None = None
    values: Values | None = None
    expected: Values | None = None


@dataclass(frozen=True)
class _Computed:
    """What a student computed for an output. `matches`: it is right, or follows."""

    values: Values
    seen: Observed
    matches: bool


def explain(oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int] | None = None) -> list[Verdict]:
    """A verdict for every stage of the exercise, in order. `cases` limits the walk to some of the oracle's."""
    with np.errstate(all="ignore"):  # a student's values may be anything
        return _Walk(oracle, traces, range(len(oracle.cases)) if cases is None else cases).verdicts()


def all_right(oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int]) -> bool:
    """Is every output right on every case? Then the student needs no explaining, whatever the names."""
    return all(
        close(traces[c].outputs.get(name), oracle.right[c][name]) for c in cases for name in oracle.exercise.outputs
    )


class _Walk:
    def __init__(self, oracle: Oracle, traces: Sequence[Trace], cases: Sequence[int]) -> None:
        self.oracle, self.cases = oracle, list(cases)
        self.exercise: Exercise = oracle.exercise
        sizes = [oracle.sizes[c].get("N", 0) for c in self.cases]
        self.student = Evidence([traces[c] for c in self.cases], self.exercise.outputs, sizes)
        self.weighing = Weighing(oracle, self.student, self.cases)
        self.envs: dict[int, Env] = {c: oracle.start(c) for c in self.cases}
        self.before: dict[int, dict[int, Env]] = {}  # by block: what it was computed from
        self.found: list[Verdict] = []

    def verdicts(self) -> list[Verdict]:
        for block in range(len(self.exercise.uses)):
            self.before[block] = dict(self.envs)
            self.block(block)
        return self.settle()

    # -- one block

    def block(self, block: int) -> None:
        stages = self.exercise.block_stages(block)
        ways = self.replayed(block)
        known = bool(ways)
        if not known:  # nothing can be computed from what is there; right values may still be found
            right = {s.name: self.right(s.name) for s in stages}
            ways = [[{**self.envs[c], **{n: v[i] for n, v in right.items()}} for i, c in enumerate(self.cases)]]
        after = dict(zip(self.cases, ways[0], strict=True))
        chosen: dict[str, Values] = {}
        for stage in stages:
            expected = [[env[stage.name] for env in way] for way in ways]
            judge = self.output if stage.name in self.student.outputs else self.inner
            verdict = judge(stage, expected, known)
            self.found.append(verdict)
            if verdict.outcome is Outcome.WAITING:
                chosen[stage.name] = [UNKNOWN] * len(self.cases)
            else:
                chosen[stage.name] = self.identified(stage.name, verdict.values or expected[0])
        for i, c in enumerate(self.cases):
            self.envs[c] = {**after[c], **{name: values[i] for name, values in chosen.items()}}

    def identified(self, name: str, values: Values) -> Values:
        """The right value itself where `values` equals it on every case, so that replays know it is right.

        A value that was rounded to single precision stays the student's own, as what follows from it shows.
        """
        right = self.right(name)
        return right if _equal_and_exact(values, right) else values

    def replayed(self, block: int) -> list[list[Env]]:
        """The environments after the block, once for each way of computing it that works on every case."""
        by_case = [self.oracle.replay(c, block, self.envs[c]) for c in self.cases]
        ways = [list(way) for way in zip(*by_case, strict=False)]
        return [[env for env in way if env is not None] for way in ways if all(env is not None for env in way)]

    def right(self, name: str) -> Values:
        return [self.oracle.right[c][name] for c in self.cases]

    # -- a stage that is returned

    def output(self, stage: Stage, expected: list[Values], known: bool) -> Verdict:
        got, right = self.student.outputs[stage.name], self.right(stage.name)
        seen = self.student.last_seen(stage.name)
        verdict = Verdict(stage, Outcome.FAILED, found=seen, values=got, expected=expected[0])
        if equal(got, right):
            return replace(verdict, outcome=Outcome.PASSED, values=got if _rounded(got, right) else right)
        lacking = [as_numbers(v) is None for v in got]
        if any(lacking):
            own = self.computed(stage.name, got, [right, *(expected if known else ())])
            if own is None:
                if all(lacking) or (self.student.crashed and all(map(_lacking_or_right, got, right))):
                    return replace(verdict, outcome=Outcome.MISSING, values=None)
            elif not self.student.crashed and own.matches:
                came = any(no and value is not None for no, value in zip(lacking, got, strict=True))
                kept = Cause(KEPT, NO_ARRAY if came else "" if all(lacking) else NOT_ALWAYS)
                return replace(verdict, cause=kept, values=own.values, found=own.seen)
            elif equal(own.values, right):  # the exception costs what was not computed (see settle)
                return replace(verdict, outcome=Outcome.PASSED, values=right, found=own.seen)
            elif self.student.crashed or all(lacking):  # what was computed is wrong
                got, verdict = own.values, replace(verdict, values=own.values, found=own.seen)
        if not known:
            return replace(verdict, outcome=Outcome.WAITING if self.wrong_before(stage) else Outcome.FAILED)
        for values in expected:
            if says_nothing(values) and all(map(alike, got, values)):
                return replace(verdict, outcome=Outcome.BLOCKED)
            if equal(got, values):
                return replace(verdict, outcome=Outcome.FOLLOWS)
        untouched = self.untouched(got)
        cause = self.weighing.cause(stage, got, expected[0], self.envs)
        named = cause is not None and cause.kind == "mistake" and cause.also is None
        if untouched and (self.idle or untouched == "state") and not named:
            cause = None  # what does nothing is no slip, unless just that has a name
        if cause is None and untouched and (untouched != "input" or self.idle):
            return replace(verdict, outcome=Outcome.MISSING, how=untouched)
        return replace(verdict, cause=cause)

    def computed(self, name: str, got: Values, wanted: Sequence[Values]) -> _Computed | None:
        """What was computed under the name of an output where it was not returned; None where there is none.

        The last value under the name counts. Where no exception came, and so no points hang on it, an earlier one that
        is among the wanted is as good: entries of a dict may go by the same name.
        """
        own = self.student.own(name)
        if own is None:
            return None
        earlier = [c for c in self.student.candidates(self.exercise.stage(name)) if c.name == name]
        for candidate in (own, *(() if self.student.crashed else reversed(earlier))):
            turned = oriented([candidate], wanted[0])[0] if self.exercise.adapter else candidate
            made = self.filled(turned, got)
            for values in wanted:
                if equal(made, values) and not says_nothing(values):
                    return _Computed(values, candidate.seen, True)
        return _Computed(self.filled(own, got), own.seen, False)

    def filled(self, candidate: Candidate, got: Values) -> Values:
        """What was returned, and the candidate's values where nothing was."""
        return [c if as_numbers(g) is None else g for g, c in zip(got, candidate.values, strict=True)]

    @cached_property
    def idle(self) -> bool:
        """Is everything that is returned as it was before anything was computed, or nothing?"""
        outputs = [self.student.outputs[name] for name in self.exercise.outputs]
        return all(self.untouched(values) or all(as_numbers(v) is None for v in values) for values in outputs)

    def untouched(self, got: Values) -> str:
        """Is it what it was before anything was computed: "zeros" everywhere, an "input" as it came, or the "state" in
        one?"""
        arrays = [as_numbers(v) for v in got]
        if any(a is None for a in arrays):
            return ""
        if not any(np.any(a) for a in arrays):
            return "zeros"
        inputs = [numbers_in(self.oracle.cases[c].inputs, single=True) for c in self.cases]
        same = [
            path
            for path in inputs[-1]
            if all(close(got[i], one.get(path, np.zeros(np.shape(got[i])))) for i, one in enumerate(inputs))
        ]
        return "state" if any(len(path) > 1 for path in same) else "input" if same else ""

    # -- a stage on the way

    def inner(self, stage: Stage, expected: list[Values], known: bool) -> Verdict:
        right = self.right(stage.name)
        # who uses a stage's own name for it will use the names of other stages for those
        keys = {key for leaf in self.exercise.returns for key in leaf.path if isinstance(key, str)}
        names = ({s.name for s in self.exercise.stages} | keys) - {stage.name}
        others = names if stage.name in self.student.names or self.student.crashed else set()
        candidates = [c for c in self.student.candidates(stage) if c.name not in others]
        shown = self.student.shown(candidates, right, others)
        if shown:
            return self.taken(stage, Outcome.PASSED, *shown, right)
        if not known and self.wrong_before(stage):
            own = self.student.own(stage.name)
            return Verdict(stage, Outcome.WAITING, found=own.seen if own else None)
        for values in expected if known else []:
            shown = self.student.shown(candidates, values, others)
            if shown and not says_nothing(values) and not self.weighing.is_input(values):
                return self.taken(stage, Outcome.FOLLOWS, *shown, values)
            own = self.student.own(stage.name)
            if own and says_nothing(values) and all(map(alike, own.values, values)):
                return self.taken(stage, Outcome.BLOCKED, own, "", values)
        best = expected[0] if len(expected) == 1 else max(expected, key=lambda values: self.weigh(stage, values))
        verdict = self.weighed(stage, oriented(candidates, best), best)
        if verdict.found is not None and verdict.found.name == stage.name:
            self.student.bind(verdict.found)  # under its name, it is no other stage
        return verdict

    def taken(self, stage: Stage, outcome: Outcome, candidate: Candidate, how: str, values: Values) -> Verdict:
        self.student.bind(candidate.seen)
        own = oriented([candidate], values)[0].values
        own = own if _rounded(own, values) else values
        return Verdict(stage, outcome, how, candidate.seen, values=own, expected=values)

    def weigh(self, stage: Stage, values: Values) -> Score:
        return self.weighing.weigh(stage, values, self.envs)

    def weighed(self, stage: Stage, candidates: list[Candidate], expected: Values) -> Verdict:
        """Nothing the student computed is the stage. Which value of it explains the rest?"""
        implied = self.weigh(stage, expected)
        best = implied
        wrong: Verdict | None = None
        derived = False  # is the best hypothesis no value that was seen as it is?
        own = [c for c in candidates if c.name == stage.name]
        if own and not self.oracle.replays and implied[0] < self.later_outputs(stage):
            return self.wrong_value(stage, own[-1], expected)  # its consequences cannot be weighed
        others = [c for c in candidates if c.name != stage.name]
        unaveraged = [c for one in [*reversed(own), *others] if (c := self.student.averaged(one)) is not None]
        every = self.every(stage)
        for candidate in distinct([*reversed(own), *others, *unaveraged]):
            how = _scaled(candidate.values, expected, self.student.sizes)
            if best == every and not how:
                continue  # nothing explains more
            score = self.weigh(stage, candidate.values)
            if how and implied[0] >= score[0] and implied > (0, 0):
                outcome = Outcome.PASSED if equal(expected, self.right(stage.name)) else Outcome.FOLLOWS
                return self.taken(stage, outcome, candidate, how, expected)
            if score > best:
                best, derived = score, any(candidate is c for c in unaveraged)
                wrong = Verdict(stage, Outcome.FAILED, "", candidate.seen, None, candidate.values, expected)
        if wrong is None and (0, 0) < implied < every and own:
            wrong = self.slipped(stage, own[-1], expected, implied)
        if wrong is not None and wrong.values is not None and any(np.any(v) for v in numeric(wrong.values)):
            wrong = replace(wrong, cause=self.weighing.cause(stage, wrong.values, expected, self.envs))
        elif best < every or wrong is not None:  # also where it is zero: then something may have been left out
            seen = self.student.last_seen(stage.name)
            for cause, values, score in self.weighing.scored(stage, expected, self.envs):
                if score > best or (score == best and wrong and wrong.values and equal(values, wrong.values)):
                    best, wrong = score, Verdict(stage, Outcome.FAILED, "", seen, cause, values, expected)
        if wrong is not None:
            if (best[0] == 0 or derived) and self.weighing.excused(stage, expected, self.envs):
                return Verdict(stage, Outcome.IMPLIED, values=expected, expected=expected)
            if wrong.cause is not None and wrong.cause.kind == "left out":
                return replace(wrong, outcome=Outcome.MISSING)
            return wrong
        if implied > (0, 0):
            return Verdict(stage, Outcome.IMPLIED, values=expected, expected=expected)
        if own:
            return self.wrong_value(stage, own[-1], expected)
        return Verdict(stage, Outcome.MISSING, values=None, expected=expected)

    def slipped(self, stage: Stage, own: Candidate, expected: Values, implied: Score) -> Verdict | None:
        """The value under the stage's own name, if it explains as much as the right one and is a named mistake: what it
        does not explain has a slip of its own."""
        if self.weigh(stage, own.values) < implied:
            return None
        cause = self.weighing.cause(stage, own.values, expected, self.envs)
        if cause is None or cause.kind != "mistake":
            return None
        return Verdict(stage, Outcome.FAILED, "", own.seen, cause, own.values, expected)

    def wrong_value(self, stage: Stage, own: Candidate, expected: Values) -> Verdict:
        """The value under the stage's own name is wrong."""
        half = self.student.half_made(own.seen)
        cause = None if half else self.weighing.cause(stage, own.values, expected, self.envs)
        return Verdict(stage, Outcome.FAILED, HALF if half else "", own.seen, cause, own.values, expected)

    def later_outputs(self, stage: Stage) -> int:
        return self.every(stage)[0]

    def every(self, stage: Stage) -> Score:
        """What a value of the stage explains that explains everything later."""
        later = self.exercise.descendants(stage.name)
        outputs = sum(name in self.student.outputs for name in later)
        return outputs, len(later) - outputs

    def wrong_before(self, stage: Stage) -> bool:
        ancestors = {v.stage.name for v in self.found if stage.name in self.exercise.descendants(v.stage.name)}
        return any(v.outcome not in FULL_MARKS for v in self.found if v.stage.name in ancestors)

    # -- after the walk

    def settle(self) -> list[Verdict]:
        """A missing stage is implied if every stage that uses it came out right, or wrong in a way that needs it."""
        by_name = {v.stage.name: v for v in self.found}
        for verdict in reversed(self.found):
            name = verdict.stage.name
            if verdict.outcome is not Outcome.MISSING or verdict.cause or name in self.student.outputs:
                continue
            users = [by_name[u] for u in self.exercise.users(name)]
            if users and all(self.vouches(user, name) for user in users):
                by_name[name] = replace(verdict, outcome=Outcome.IMPLIED)
        settled = [by_name[v.stage.name] for v in self.found]
        if self.student.crashed:
            settled = [
                replace(v, outcome=Outcome.BLOCKED, how=UNREACHED) if v.outcome is Outcome.MISSING else v
                for v in settled
            ]
            if not any(v.how in (UNREACHED, HALF) for v in settled):  # everything was computed before
                outputs = self.student.outputs
                lacking = [v for v in settled if any(as_numbers(o) is None for o in outputs.get(v.stage.name, ()))]
                settled = [self.raised(v) if v is lacking[-1] else v for v in settled] if lacking else settled
        return settled

    def raised(self, verdict: Verdict) -> Verdict:
        """Of the last output, where an exception came after everything was computed: it costs that one at least, as
        it would have a line before."""
        right = verdict.outcome in FULL_MARKS
        return replace(verdict, outcome=Outcome.FAILED, cause=Cause(KEPT, RAISED)) if right else verdict

    def vouches(self, user: Verdict, name: str) -> bool:
        """Does the verdict on a stage show that the stage `name`, which it uses, was right?

        A slip of its own, made on right values, shows it if these values matter to the outcome. A mere factor may
        come from either. A wrong value seen on the way shows it if something later follows from that value.
        """
        if user.outcome in FULL_MARKS:
            return True
        if user.outcome is not Outcome.FAILED:
            return False
        if user.cause is not None and user.cause.kind == KEPT:
            return True
        if user.cause is not None and user.cause.kind not in ("scale", "transposed"):
            return self.weighing.needs(user.stage, user.cause, name, self.before[user.stage.block])
        if user.stage.name in self.student.outputs or user.values is None:
            return False
        later = set(self.exercise.descendants(user.stage.name))
        return any(v.outcome is Outcome.FOLLOWS for v in self.found if v.stage.name in later)


def _rounded(got: Values, want: Values) -> bool:
    """Right, but on some case only to the digits of single precision?"""
    return any(rounded(g, w) for g, w in zip(got, want, strict=True)) and equal(got, want)


def _equal_and_exact(got: Values, want: Values) -> bool:
    """Right on every case, and on none only to the digits of single precision?"""
    pairs = [(g, w) for g, w in zip(got, want, strict=True) if g is not w]
    return all(close(g, w) and not rounded(g, w) for g, w in pairs)


def _lacking_or_right(got: Any, right: Any) -> bool:
    return as_numbers(got) is None or close(got, right)


def _scaled(got: Values, want: Values, sizes: list[int]) -> str | None:
    """How the values are scaled by the batch size, the same on every case with more than one example."""
    kinds = {scaled(g, w, n) for g, w, n in zip(got, want, sizes, strict=True) if n > 1}
    return kinds.pop() if len(kinds) == 1 else None
