"""A student's returned gradients against the student's own forward pass, by difference quotients.

A student whose forward pass is wrong in a way that no stage explains may still have differentiated it rightly: such a
gradient is worth its marks. That takes evidence. The quotients must agree with the gradient on every case and be clear
on one, where they also contradict the reference's gradient (else the forward pass is right, and the tight comparison
decides) and the forward pass depends on all its arrays. Zeros against a constant, the gradient of a mere regularization
loss, an input handed back as it came: none of these shows anything.

A forward pass that is right has the reference's quotients: these are computed once for all who have it right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare import as_numbers, close
from grader.exercise import Array, Exercise, Outcome
from grader.gradients import GradientReport, Probe, precision
from grader.replay import Oracle

EXACT = "forward right"  # of a check: made with the reference's forward pass
ASTRAY = "forward wrong"  # of a check of a right gradient, made with the student's own, wrong forward pass
CLEAR = 100.0  # a derivative this many times its tolerance is none of a constant


@dataclass(frozen=True)
class Plan:
    """Which calls of the student's forward pass show whether one returned gradient is right, on one case.

    `value` is the student's gradient with respect to the input `variable`, `right` the reference's; `given` are the
    inputs that the student's backward pass had, `upstream` the gradient of the loss by what the forward pass returns.
    """

    exercise: str
    forward: Exercise
    gradient: str
    variable: str
    value: Array
    right: Array
    inputs: Mapping[str, Any]
    given: Mapping[str, Any]
    upstream: Array | None
    probe: Probe
    own: bool = True  # run the student's forward pass; False: it is right, so the reference's will do

    def calls(self) -> list[list[Any]]:
        """Arguments: at the points of the probe, then with each other array changed."""
        at = np.asarray(self.inputs[self.variable], dtype=float)
        changed = [{self.variable: point} for point in self.probe.points(at)] + [{n: v} for n, v in self._altered()]
        return [[{**self.inputs, **change}[p] for p in self.forward.parameters] for change in changed]

    def shown(self, outputs: Sequence[Any]) -> Shown:
        """What the results of `calls` show."""
        known = [as_numbers(out) for out in outputs]
        every = [self._scalar(out) for out in known]
        values = [v for v in every[: self.probe.size] if v is not None]
        if len(values) < self.probe.size:
            return Shown(None)
        eps = max(precision(out) for out in known if out is not None)
        report = self.probe.judged(values, self.value, eps)
        if report.outcome is not Outcome.PASSED or any(j.kink for j in report.judged):
            return Shown(report)
        clear = any(abs(j.numerical) > CLEAR * j.tolerance for j in report.judged)
        own = self.probe.judged(values, self.right, eps).outcome is Outcome.FAILED
        others = every[self.probe.size :]
        depends = len(every) == len(self.calls()) and all(v is not None and _differ(v, values[0]) for v in others)
        return Shown(report, clear and own and depends and not self._handed_back())

    def values(self, oracle: Oracle) -> list[float]:
        """The scalars of the reference's forward pass at the points of the probe; fewer where it has none."""
        calls = self.calls()[: self.probe.size]
        outputs = (oracle.result(dict(zip(self.forward.parameters, call, strict=True))) for call in calls)
        return [v for v in (self._scalar(as_numbers(out)) for out in outputs) if v is not None]

    def of_reference(self, values: Sequence[float]) -> Shown:
        """What these show of the gradient of a forward pass that is right."""
        report = self.probe.judged(values, self.value) if len(values) == self.probe.size else None
        return Shown(report, own=False)

    def _altered(self) -> list[tuple[str, Array]]:
        """Every other array that goes into the forward pass, changed; the upstream gradient does not go into it."""
        arrays = {p: self.inputs[p] for p in self.forward.parameters if isinstance(self.inputs[p], np.ndarray)}
        left_out = {self.variable, "d" + self.forward.outputs[0]}
        return [(p, _other(v)) for p, v in arrays.items() if p not in left_out and v.ndim]

    def _handed_back(self) -> bool:
        return any(close(self.value, v) for v in self.given.values())

    def _scalar(self, out: Array | None) -> float | None:
        """The number that the gradient is of: a loss, or what an output contributes to one by its upstream gradient."""
        if out is None:
            return None
        if self.upstream is None:
            return float(out.reshape(-1)[0]) if out.size == 1 else None
        return float(np.sum(out.astype(float) * self.upstream)) if out.shape == self.upstream.shape else None


@dataclass(frozen=True)
class Shown:
    """One gradient on one case: the numerical check, None where it could not be made, and whether it is evidence."""

    report: GradientReport | None
    evident: bool = False
    own: bool = True  # the student's forward pass was run; False: the reference's, which it is equal to

    @property
    def outcome(self) -> Outcome:
        return Outcome.INCONCLUSIVE if self.report is None else self.report.outcome


def proven(cases: Sequence[Shown]) -> bool:
    """Do the numerical checks of all cases show a gradient to be right for the student's own forward pass?"""
    made = all(shown.report is not None and shown.outcome is not Outcome.FAILED for shown in cases)
    return made and any(shown.evident for shown in cases)


def _other(values: Array) -> Array:
    """Other values of the same kind: every label becomes another one, of two classes or more."""
    return (
        values * 1.37 + 0.11 if values.dtype.kind == "f" else np.where(values > 0, values - 1, 1).astype(values.dtype)
    )


def _differ(a: float, b: float) -> bool:
    return bool(abs(a - b) > 1e-9 * max(abs(a), abs(b)))
