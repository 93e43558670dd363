"""`trace` shows every value of a student's own function."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import numpy as np
import pytest
from conftest import student
from test_cell import RIGHT, words

from grader import trace, tracing
from grader.kit import KitError

SMALL = """
def inner(a):
    b = a + 1
    return b


def outer(x, scale=2.0):
    total = 0
    for i in range(3):
        total += i
    y = inner(x) * scale
    y[0] = np.nan
    z = np.log(y - 100)
    return z


class Net:
    def __init__(self):
        self.w = 3.0

    def loss(self, x):
        y = x * self.w
        return y
"""


def test_every_value_is_shown_in_order_with_line_shape_and_range(tmp_path: Path) -> None:
    traced = trace(student(tmp_path, SMALL).outer, x=np.array([[1.0, 2.0], [3.0, 5.0]]))
    assert [" ".join(line.split()) for line in str(traced).splitlines()] == [
        "outer",
        "line name shape dtype min max nan?",
        "input x (2, 2) float64 1 5",
        "input scale () float64 2 2",
        "11 total () int64 0 0",
        "13 i () int64 2 2",
        "13 total () int64 3 3",
        "6 b (2, 2) float64 2 6",
        "14 y (2, 2) float64 4 12",
        "15 y (2, 2) float64 8 12 2 nan",
        "16 z (2, 2) float64 4 nan",
    ]


def test_values_can_be_taken_out_by_name(tmp_path: Path) -> None:
    traced = trace(student(tmp_path, SMALL).inner, np.array([1.0]))
    assert traced["b"].tolist() == [2.0]
    assert traced.output.tolist() == [2.0]
    with pytest.raises(KeyError, match="there are a, b"):
        traced["c"]


def test_an_exercise_is_traced_on_its_first_public_case(in_release: Path) -> None:
    traced = trace(student(in_release, RIGHT).svm_loss_vectorized)
    assert traced["scores"].shape == (5, 4)
    assert traced["dW"].shape == traced["W"].shape == (7, 4)


def test_what_came_before_an_exception_is_shown_and_where_it_was_raised(tmp_path: Path) -> None:
    source = "def f(x):\n    a = x * 2\n    b = a[7]\n    return b\n"
    text = str(trace(student(tmp_path, source).f, x=np.zeros(3)))
    assert "a     (3,)" in text
    assert "IndexError in mine.py, line 6: index 7 is out of bounds" in text


def test_a_method_is_traced_on_its_object(tmp_path: Path) -> None:
    traced = trace(student(tmp_path, SMALL).Net().loss, x=2.0)
    assert traced["y"] == 6.0


def test_the_table_is_html_without_scripts_and_escaped(tmp_path: Path) -> None:
    source = "def f(x):\n    a = x / 0 * x\n    raise ValueError('<b>')\n"
    html = trace(student(tmp_path, source).f, x=np.array([1.0, 0.0]))._repr_html_()
    assert "✗ 1 nan, 1 inf" in words(html)
    assert "<b>" not in html and "<script" not in html


def test_inputs_are_not_changed(tmp_path: Path) -> None:
    x = np.array([1.0])
    trace(student(tmp_path, "def f(x):\n    x += 1\n    return x\n").f, x)
    assert x.tolist() == [1.0]


def test_a_long_run_says_that_it_was_cut(tmp_path: Path) -> None:
    source = "def g(x):\n" + "".join(f"    a{i} = x + {i}\n" for i in range(450)) + "    return x\n"
    text = str(trace(student(tmp_path, source).g, 1.0))
    assert "There were more values than are shown" in text


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
def test_a_loop_that_never_ends_is_ended_and_what_came_before_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "LONGEST", 0.2)
    source = "def g(x):\n    a = x + 1\n    while a > 0:\n        x = a\n    return x\n"
    before = signal.getsignal(signal.SIGVTALRM)
    text = str(trace(student(tmp_path, source).g, 1.0))
    assert "is there a loop that never ends?" in text
    assert re.search(r"\ba\b.*2", text)
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0
    assert signal.getsignal(signal.SIGVTALRM) == before


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda m: trace(3), TypeError, "takes one of your functions"),
        (lambda m: trace(m.Net), TypeError, "takes one of your functions"),
        (lambda m: trace(m.inner, b=1), TypeError, r"inner\(a\): "),
        (lambda m: trace(m.inner), KitError, "inner is no exercise of the kit"),
        (lambda m: trace(eval("lambda x: x"), 1), TypeError, "source of <lambda> cannot be read"),
    ],
)
def test_wrong_use_is_told(in_release: Path, call: object, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        call(student(in_release, SMALL))  # type: ignore[operator]
