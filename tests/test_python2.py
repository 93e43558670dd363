"""Student code of Python 2, and of an old numpy, as text that runs today."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from grader.python2 import COMPATIBLE, to_python3


def result(source: str) -> dict[str, object]:
    """The names that a text binds, once it is Python 3, after what such code expects to find."""
    space: dict[str, object] = {}
    exec(COMPATIBLE, space)
    exec(to_python3(source), space)
    return space


def test_what_is_python_3_already_is_left_alone() -> None:
    source = "def f(x):\n    print('x', x, sep='')\n    return x  # print x\n"
    assert to_python3(source) == source


@pytest.mark.parametrize(
    "line",
    [
        "print 'loss', loss",
        "print",
        "print 'a %d' % (loss,),",
        "print('old'), loss",
        "print >>sys.stderr, 'loss', loss",
        "if loss > 1: print 'large'",
        "print 'first: %d', \\\n        loss",
        "print 'a', (loss +\n      1)",
    ],
)
def test_a_print_statement_becomes_a_call(line: str) -> None:
    made = to_python3(f"import sys\nloss = 2\n{line}\nafter = 1\n")
    ast.parse(made)
    assert result(f"import sys\nloss = 2\n{line}\nafter = 1\n")["after"] == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("print 'loss #%d' % 3  # of the epoch", "loss #3\n"),
        ("print 'it\\'s #1', \"a \\\" # b\"", "it's #1 a \" # b\n"),
        ("print `3 + 4`, '`'  # a `note`", "7 `\n"),
    ],
)
def test_what_stands_in_a_text_is_no_comment_and_no_repr(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result(f"{line}\n")
    assert capsys.readouterr().out == told


def test_a_repr_of_python_2_runs() -> None:
    assert result("print 'a'\nmade = 'n = ' + `2` + `'x'`\n")["made"] == "n = 2'x'"


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_names_that_numpy_has_dropped_are_lent() -> None:
    found = result("import numpy as np\nmade = np.mat([[1, 2]]) * np.mat([[3], [4]]), np.round_(1.2), np.PINF\n")
    assert [np.asarray(one).tolist() for one in found["made"]] == [[[11]], 1.0, np.inf]


def test_loops_and_dictionaries_of_python_2_run() -> None:
    found = result(
        "total = 0\nfor i in xrange(3):\n    total += i\nfor k, v in {'a': 4}.iteritems():\n    total += v\nprint total\n"
    )
    assert found["total"] == 7


def test_exceptions_of_python_2_are_caught_and_raised() -> None:
    found = result("try:\n    raise ValueError, 'no'\nexcept ValueError, error:\n    told = str(error)\nprint told\n")
    assert found["told"] == "no"


def test_tabs_mixed_with_spaces_count_eight() -> None:
    found = result(
        "def f(x):\n        if x:\n\t\ty = 1\n        else:\n\t\ty = 2\n\treturn y\nmade = f(0)\nprint made\n"
    )
    assert found["made"] == 2


def test_names_that_numpy_no_longer_has_are_there() -> None:
    found = result(
        "a = np.zeros(3, dtype=np.int)\nb = np.reshape(np.arange(6), newshape=(2, 3))\nc = np.product([2, 3])\n"
    )
    assert isinstance(found["a"], np.ndarray) and found["a"].dtype.kind == "i"
    assert isinstance(found["b"], np.ndarray) and found["b"].shape == (2, 3)
    assert found["c"] == 6


def test_what_is_no_python_at_all_comes_back_as_it_was() -> None:
    assert to_python3("def f(:\n") == "def f(:\n"
