"""The measurements behind docs/accuracy.md, in short: what they say of the grader holds on a few seeds too."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType

import pytest
from conftest import ROOT

from grader.exercise import Outcome


def benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_no_verdict_on_the_sample_class_changes_with_the_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark("flakiness").main(["--seeds", "5", "--first", "300"]) == 0
    told = capsys.readouterr().out
    compared = int(re.search(r"(\d+) verdicts compared", told).group(1))
    assert compared > 4 * 1000
    assert "0 differ" in told


def test_a_verdict_that_changes_is_told() -> None:
    flakiness = benchmark("flakiness")
    one = {("ada", "svm_loss_naive"): "passed 5/5", ("ada",): "graded 5/5"}
    other = {("ada", "svm_loss_naive"): "failed 2/5", ("ada",): "graded 5/5", ("ben",): "graded 5/5"}
    assert flakiness.differences(one, dict(one)) == []
    assert flakiness.differences(one, other) == [
        (("ada", "svm_loss_naive"), "passed 5/5", "failed 2/5"),
        (("ben",), "nothing", "graded 5/5"),
    ]


def test_the_rule_errs_less_than_the_classic_ones_on_the_same_inputs() -> None:
    rule = benchmark("gradient_rule")
    known = rule.references()
    found = [a for a in rule.answers([77], known) if a.family != rule.KINKS]
    counts = {name: rule.count([a for a in found if a.rule == name]) for name in rule.RULES}
    ours = counts.pop(rule.OURS)
    assert ours.right > 60
    assert ours.wrong > 500
    assert ours.false_fails == ours.false_passes == 0
    assert all(c.false_fails > 0 for c in counts.values())
    assert all(c.false_passes > 0 for name, c in counts.items() if "1e-6" not in name)
    assert {a.outcome for a in found if a.rule != rule.OURS} == {Outcome.PASSED, Outcome.FAILED}


def test_every_family_of_inputs_has_right_and_wrong_gradients_of_every_function_it_applies_to() -> None:
    rule = benchmark("gradient_rule")
    seen: dict[str, set[str]] = {}
    for problem in rule.problems([3], rule.references()):
        assert problem.right.dtype == float
        assert len(problem.wrong) >= 3, (problem.function, problem.family)
        assert all(rule.visible(w, problem.right) for w in problem.wrong.values())
        seen.setdefault(problem.family, set()).add(problem.function)
    assert set(seen) == set(rule.FAMILIES)
    assert all(len(functions) >= 4 for functions in seen.values())
