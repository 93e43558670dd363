"""Exercises that are classes, and inputs that are made where they are used."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from grader.annotations import load
from grader.exercise import AnnotationError, Made, Outcome
from grader.grading import Bench
from grader.kit import Kit
from grader.replay import oracle_for
from grader.sandbox import Sandbox
from grader.submission import from_sources

COUNTER = '''
"""A family."""
import numpy as np
from grader.exercise import Made, Mistake


def twice(x):
    return 2 * x


class Counter:
    """Adds up what it is given, changed by a function."""

    def __init__(self, change):
        self.total, self.change = 0.0, change

    def add(self, x):
        """Returns the total so far."""
        self.total += self.change(x)  # > add the changed number
        return self.total


def drive_Counter(Counter, change, a, rng):
    """Two steps.

    a: () number
    """
    counter = Counter(change)
    first = counter.add(a)                  # () after one step [1]
    second = counter.add(rng.random())      # () after two [2]
    return first, second


def cases(rng):
    for n in range(3):
        yield f"{n}", {"change": Made("lambda x: 3 * x"), "a": float(rng.random()), "rng": Made(f"np.random.default_rng({n})")}


MISTAKES = [Mistake("forgets", of="Counter", stage="second", code="""
def add(self, x):
    self.total = self.change(x)
    return self.total
""", hint="What is kept?")]
'''


@pytest.fixture
def write(tmp_path: Path):
    def writer(source: str) -> Path:
        path = tmp_path / "family.py"
        path.write_text(dedent(source), encoding="utf-8")
        return path

    return writer


def test_the_stub_of_a_class_shows_no_answer_and_keeps_the_rest(write) -> None:
    exercise = load(write(COUNTER))[0].exercise
    assert exercise.name == "Counter"
    assert exercise.parameters == ("change", "a", "rng")
    assert "        ...  # add the changed number\n        return self.total" in exercise.stub
    assert "self.change(x)" not in exercise.stub
    assert exercise.given == "def twice(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("change", "outcomes"),
    [
        (("", ""), ["passed", "passed"]),
        (("self.total += self.change(x)", "self.total = self.change(x)"), ["passed", "failed"]),
        (("self.change(x)", "x"), ["failed", "failed"]),
        (("return self.total", "raise ValueError"), ["blocked", "blocked"]),
    ],
)
def test_a_class_is_marked_by_what_its_driver_sees(
    write, sandbox: Sandbox, change: tuple[str, str], outcomes: list[str]
) -> None:
    reference = load(write(COUNTER))[0]
    bench = Bench([oracle_for(reference, 1)])
    submission = from_sources("s", [("cell 1", reference.source.replace(*change))], bench.stubs)
    mark = bench.mark(submission, sandbox).exercises[0]
    assert [str(s.verdict.outcome) for s in mark.stages] == outcomes


def test_an_untouched_class_is_a_stub(write, sandbox: Sandbox) -> None:
    reference = load(write(COUNTER))[0]
    bench = Bench([oracle_for(reference, 1)])
    mark = bench.mark(from_sources("s", [("cell 1", reference.exercise.stub)], bench.stubs), sandbox).exercises[0]
    assert mark.outcome is Outcome.MISSING


def test_a_mistake_of_a_class_is_named(write, sandbox: Sandbox) -> None:
    reference = load(write(COUNTER))[0]
    bench = Bench([oracle_for(reference, 1)])
    wrong = from_sources("s", [("cell 1", reference.function_with(reference.mistakes[0]))], bench.stubs)
    verdict = bench.mark(wrong, sandbox).exercises[0].stages[1].verdict
    assert verdict.cause is not None
    assert verdict.cause.name == "forgets"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "def drive_Counter(Counter, change",
            "def drive_Counter(cls, change",
            "first parameter of drive_Counter is not Counter",
        ),
        ("  # > add the changed number", "", "nothing in Counter is an answer"),
        ('    """Adds up what it is given, changed by a function."""\n', "", "Counter has no docstring"),
        (
            "def add(self, x):\n    self.total = self",
            "def sub(self, x):\n    self.total = self",
            "is not methods of Counter",
        ),
        ('stage="second"', 'stage="third"', "which is none"),
        (
            "def add(self, x):\n    self.total = self",
            "def add(self, x, x):\n    self.total = self",
            "not valid Python: dup",
        ),
    ],
)
def test_a_broken_class_is_told_with_a_remedy(write, old: str, new: str, told: str) -> None:
    assert COUNTER.count(old) == 1
    with pytest.raises(AnnotationError, match=told) as caught:
        load(write(COUNTER.replace(old, new)))
    assert caught.value.remedy


def test_a_made_value_is_made_anew_for_every_call() -> None:
    made = Made("np.random.default_rng(3)")
    assert made.value().random() == made.value().random()
    assert Made("lambda x: x + 1").value()(2) == 3


def test_every_exercise_has_at_least_five_named_mistakes_and_three_cases(kit: Kit) -> None:
    for reference in kit.references:
        assert len(reference.mistakes) >= 5, reference.name
        assert len(oracle_for(reference, 0).cases) >= 3
