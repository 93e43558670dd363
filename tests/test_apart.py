"""What one exercise is given must not tell another's answer; what depends on earlier calls is told."""

from __future__ import annotations

import pytest

from grader.apart import conflicting, groups
from grader.exercise import Outcome
from grader.grading import Bench
from grader.kit import Kit
from grader.messages import exercise as sentence
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources

THIEF = """
import sys
import numpy as np


def sigmoid_forward(x):
    frame = sys._getframe()
    while "waiting" not in frame.f_locals:
        frame = frame.f_back
    unpack = sys.modules["grader.wire"].unpack
    for found in (array for _, task in frame.f_locals["waiting"] for array in unpack(task)[1]):
        # what sigmoid_backward is given holds what belongs here
        if found.shape == x.shape and np.array_equal(np.argsort(found, axis=None), np.argsort(x, axis=None)):
            if found.min() >= 0 and found.max() <= 1:
                return found, found
    return None


def sigmoid_backward(dout, cache):
    return dout * cache * (1 - cache)
"""

RIGHT = "import numpy as np\n\ndef relu_forward(x):\n    out = np.maximum(x, 0)\n    return out, x\n"


def mark(bench: Bench, sandbox: Sandbox, source: str, name: str) -> ExerciseMark:
    marks = bench.mark(from_sources("ada", [("cell 1", source)], bench.stubs), sandbox).exercises
    return next(m for m in marks if m.exercise.name == name)


def test_the_cache_of_a_backward_pass_is_not_there_when_the_forward_pass_runs(bench: Bench, sandbox: Sandbox) -> None:
    assert mark(bench, sandbox, THIEF, "sigmoid_forward").points == 0
    assert mark(bench, sandbox, THIEF, "sigmoid_backward").points > 0


def test_in_one_process_it_would_be_stolen(kit: Kit, sandbox: Sandbox) -> None:
    bench = Bench(kit.hidden(7))
    bench.__dict__["_groups"] = [list(bench.items)]
    assert mark(bench, sandbox, THIEF, "sigmoid_forward").points > 0


def test_no_group_holds_a_conflict_and_two_are_enough(kit: Kit) -> None:
    oracles = kit.hidden(3)
    conflicts = conflicting(oracles)
    made = groups(oracles)
    assert sorted(n for group in made for n in group) == sorted(o.exercise.name for o in oracles)
    assert all(not (conflicts[name] & set(group)) for group in made for name in group)
    assert len(made) == 2


@pytest.mark.parametrize(
    "source",
    [
        RIGHT.replace("    out =", "    global calls\n    calls += 1\n    out =").replace(
            "return out, x", "return (out if calls < 5 else -out), x"
        )
        + "\ncalls = 0\n",
        RIGHT.replace("return out, x", "seen.append(x)\n    return out if len(seen) < 6 else out + 1, x")
        + "\nseen = []\n",
    ],
    ids=["counts its calls", "remembers its inputs"],
)
def test_a_result_that_depends_on_earlier_calls_is_not_right_and_is_told(
    bench: Bench, sandbox: Sandbox, source: str
) -> None:
    found = mark(bench, sandbox, source, "relu_forward")
    assert found.outcome is Outcome.FAILED
    assert found.points == 0
    assert "the same inputs gave another result the second time" in sentence(found)


def test_a_function_without_memory_is_steady(bench: Bench, sandbox: Sandbox) -> None:
    found = mark(bench, sandbox, RIGHT, "relu_forward")
    assert (found.points, found.facts) == (found.exercise.points, ())


def test_every_exercise_asks_its_cases_in_an_order_of_its_own_and_one_of_them_twice(bench: Bench) -> None:
    orders = {name: item.order for name, item in bench.items.items()}
    for name, order in orders.items():
        assert sorted(set(order)) == list(range(len(bench.oracles[name].cases)))
        assert order[-1] == order[0]
        assert len(order) == len(set(order)) + 1
    assert any(order[:-1] != sorted(order[:-1]) for order in orders.values())
