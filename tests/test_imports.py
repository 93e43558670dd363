"""What may be imported, and what is said of the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.exercise import Outcome
from grader.grading import Bench
from grader.kit import Kit, KitError, read_config
from grader.messages import exercise as sentence
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources

NAME = "relu_forward"


def mark(bench: Bench, sandbox: Sandbox, *cells: str) -> ExerciseMark:
    texts = [(f"cell {i}", cell) for i, cell in enumerate(cells, 1)]
    return bench.mark(from_sources("ada", texts, bench.stubs), sandbox, only=[NAME]).exercises[0]


@pytest.mark.parametrize(
    ("cells", "module", "line"),
    [
        (("import torch\n\n\ndef relu_forward(x):\n    return torch.relu(x), x",), "torch", 1),
        (("def relu_forward(x):\n    import jax.numpy as jnp\n    return jnp.maximum(x, 0), x",), "jax", 2),
        (("import autograd.numpy as np", "def relu_forward(x):\n    return np.maximum(x, 0), x"), "autograd", 1),
        (("from scipy.special import expit as relu\n\ndef relu_forward(x):\n    return relu(x), x",), "scipy", 1),
        (("x = 1\n\nfrom ctypes import *\n\ndef relu_forward(x):\n    return string_at(0), x",), "ctypes", 3),
        (
            ("def helper(x):\n    import subprocess\n    return x\n\ndef relu_forward(x):\n    return helper(x), x",),
            "subprocess",
            2,
        ),
        (("def relu_forward(x):\n    return __import__('torch').relu(x), x",), "torch", 2),
        (
            ("import importlib\n\ndef relu_forward(x):\n    return importlib.import_module('torch').relu(x), x",),
            "torch",
            4,
        ),
    ],
)
def test_a_module_that_does_the_work_is_refused_by_name_and_line(
    bench: Bench, sandbox: Sandbox, cells: tuple[str, ...], module: str, line: int
) -> None:
    found = mark(bench, sandbox, *cells)
    assert (found.outcome, found.points) == (Outcome.REFUSED, 0)
    assert re.fullmatch(
        rf"imports {module} in cell 1, line {line}, which this assignment does not allow: .*", sentence(found)
    )


@pytest.mark.parametrize(
    "cells",
    [
        (
            "import torch, sys, os\nimport matplotlib.pyplot as plt",
            "import numpy as np\n\ndef relu_forward(x):\n    return np.maximum(x, 0), x",
        ),
        (
            "import random, math, time\nfrom collections import *\n\ndef relu_forward(x):\n    time.time(), math.pi, random.random()\n    return np.maximum(x, 0), x",
        ),
        ("def other(x):\n    import torch\n\ndef relu_forward(x):\n    return np.maximum(x, 0), x",),
    ],
    ids=["imported, not used", "standard library", "used by another function"],
)
def test_an_import_that_the_exercise_does_not_use_costs_nothing(
    bench: Bench, sandbox: Sandbox, cells: tuple[str, ...]
) -> None:
    found = mark(bench, sandbox, *cells)
    assert found.points == found.exercise.points


def test_a_module_that_is_not_there_is_said_to_be_missing(bench: Bench, sandbox: Sandbox) -> None:
    found = mark(bench, sandbox, "def relu_forward(x):\n    import pandas\n    return pandas.DataFrame(x), x")
    assert found.outcome is Outcome.CRASHED
    assert "only numpy and the standard library are there" in sentence(found)


def test_a_kit_allows_modules(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "grader.toml"
    path.write_text('[imports]\nallow = ["scipy.special", "rich"]\n')
    assert read_config(path).allow == ("scipy.special", "rich")
    bench = Bench([o for o in kit.hidden(3) if o.exercise.name == NAME], ["scipy.special", "scipy"])
    with Sandbox() as sandbox:  # scipy is not installed here: what is allowed is run, and says so itself
        found = mark(
            bench, sandbox, "def relu_forward(x):\n    from scipy.special import xlogy\n    return xlogy(x, x), x"
        )
    assert found.outcome is Outcome.CRASHED


@pytest.mark.parametrize("line", ["allow = [3]", 'allow = ["sci py"]', 'allow = "scipy"', 'forbid = ["scipy"]'])
def test_what_is_wrong_in_the_list_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "grader.toml"
    path.write_text(f"[imports]\n{line}\n")
    with pytest.raises(KitError, match=r"grader\.toml:2: "):
        read_config(path)
