"""A kit that the grader has never seen: one annotated file, and everything else follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

BATCHNORM = '''"""Batch normalization over the minibatch (Ioffe and Szegedy, 2015)."""

import numpy as np

from grader.exercise import Mistake


def batchnorm_loss(x, gamma, beta, target):
    """Squared distance of a batch-normalized input from a target, with gradients.

    Args:
        x: (N, D) input
        gamma: (D,) scale
        beta: (D,) shift
        target: (N, D) wanted output

    Returns:
        loss: () sum of squares
        grads: dict of dx (N, D), dgamma (D,), dbeta (D,)

    Source: Ioffe and Szegedy, Batch Normalization, 2015.
    """
    N = x.shape[0]

    # forward pass
    mu = x.mean(axis=0)                              # (D,) mean [1]
    centred = x - mu                                 # (N, D) centred input [1]
    inv_std = 1 / np.sqrt((centred ** 2).mean(axis=0) + 1e-5)  # (D,) one over the standard deviation [2]
    xhat = centred * inv_std                         # (N, D) normalized input [1]
    out = gamma * xhat + beta                        # (N, D) output [1]
    loss = np.sum((out - target) ** 2)               # () loss [1]

    # backward pass
    dout = 2 * (out - target)                        # (N, D) dloss/dout [1]
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)   # (D,), (D,) gradients of scale and shift [1, 1]
    dxhat = dout * gamma                             # (N, D) dloss/dxhat [1]
    dx = inv_std / N * (N * dxhat - dxhat.sum(axis=0) - xhat * (dxhat * xhat).sum(axis=0))  # (N, D) dloss/dx [3]
    grads = {"x": dx, "gamma": dgamma, "beta": dbeta}
    return loss, grads


def cases(rng):
    for n, d in ((5, 3), (9, 4), (2, 6), (7, 1)):
        yield f"{n} by {d}", {
            "x": rng.standard_normal((n, d)),
            "gamma": rng.standard_normal(d),
            "beta": rng.standard_normal(d),
            "target": rng.standard_normal((n, d)),
        }


MISTAKES = [
    Mistake("mean-over-features", of="batchnorm_loss", stage="mu", code="mu = x.mean(axis=1, keepdims=True)", hint="Over which axis?"),
    Mistake("unbiased", of="batchnorm_loss", stage="inv_std", code="inv_std = 1 / np.sqrt((centred ** 2).sum(axis=0) / max(N - 1, 1) + 1e-5)", hint="Divided by?"),
    Mistake("shift-forgotten", of="batchnorm_loss", stage="out", code="out = gamma * xhat", hint="Two parameters."),
    Mistake("two-forgotten", of="batchnorm_loss", stage="dout", code="dout = out - target", hint="Differentiate a square."),
    Mistake("mean-held-fixed", of="batchnorm_loss", stage="dx", code="dx = inv_std * dxhat", hint="Does mu depend on x?"),
    Mistake("gamma-ignored", of="batchnorm_loss", stage="dxhat", code="dxhat = dout", hint="What is xhat multiplied by?"),
]
'''

RIGHT_IN_OTHER_WORDS = """import numpy as np

def batchnorm_loss(a, g, b, t):
    n = len(a)
    m = np.mean(a, 0); v = np.var(a, 0)
    h = (a - m) / np.sqrt(v + 1e-5)
    diff = g * h + b - t
    e = 2 * diff
    dh = e * g
    dv = np.sum(dh * (a - m), 0) * -0.5 * (v + 1e-5) ** -1.5
    dm = -np.sum(dh, 0) / np.sqrt(v + 1e-5)
    return (diff ** 2).sum(), {"x": dh / np.sqrt(v + 1e-5) + dv * 2 * (a - m) / n + dm / n,
                              "gamma": (e * h).sum(0), "beta": e.sum(0)}
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kit")
    (root / "solutions").mkdir()
    (root / "solutions" / "batchnorm.py").write_text(BATCHNORM)
    (root / "grader.toml").write_text('[kit]\ntitle = "Normalization"\n')
    return root


def run(kit: Path, *arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--kit", str(kit), *map(str, arguments)], catch_exceptions=False)
    return done.exit_code, done.stdout


def test_the_new_exercise_validates(kit: Path) -> None:
    code, output = run(kit, "validate")
    assert code == 0, output
    assert "6 of   6" in output


def test_it_is_released_checked_and_graded(kit: Path, tmp_path: Path) -> None:
    code, _ = run(kit, "release", "--out", tmp_path / "release")
    assert code == 0
    stub = tmp_path / "release" / "assignment" / "batchnorm.py"
    assert "dgamma, dbeta = ..., ...  # (D,), (D,) gradients of scale and shift [1, 1]" in stub.read_text()

    handed_in = tmp_path / "class"
    handed_in.mkdir()
    (handed_in / "stub.py").write_text(stub.read_text())
    (handed_in / "right.py").write_text(RIGHT_IN_OTHER_WORDS)
    (handed_in / "wrong.py").write_text(RIGHT_IN_OTHER_WORDS.replace("e = 2 * diff", "e = diff"))

    code, output = run(tmp_path / "release", "check", handed_in / "right.py")  # a student, without references
    assert code == 0, output
    code, output = run(tmp_path / "release", "check", handed_in / "wrong.py", "--json")
    assert code == 1
    stages = {s["name"]: s for s in json.loads(output)["exercises"][0]["stages"]}
    assert stages["dout"]["outcome"] == "missing"  # merged, and without a reference nothing can be replayed
    assert stages["dgamma"]["finding"] == "scale 1/2"
    assert stages["loss"]["outcome"] == "passed"

    code, _ = run(kit, "grade", handed_in, "--out", tmp_path / "report", "--seed", 3)
    assert code == 0
    rows = {
        r["submission"]: r for r in map(json.loads, (tmp_path / "report" / "results.jsonl").read_text().splitlines())
    }
    assert {name: row["points"] for name, row in rows.items()} == {"right": 14, "stub": 0, "wrong": 13}
    lost = [s for s in rows["wrong"]["exercises"][0]["stages"] if not s["points"]]
    assert [(s["name"], s["mistake"]) for s in lost] == [("dout", "two-forgotten")]


def test_the_inputs_of_two_seeds_differ_but_not_the_marks(kit: Path, tmp_path: Path) -> None:
    handed_in = tmp_path / "class"
    handed_in.mkdir()
    (handed_in / "wrong.py").write_text(RIGHT_IN_OTHER_WORDS.replace("+ dm / n", ""))
    points = []
    for seed in (1, 2):
        run(kit, "grade", handed_in, "--out", tmp_path / f"report{seed}", "--seed", seed)
        points.append(json.loads((tmp_path / f"report{seed}" / "results.jsonl").read_text())["points"])
    assert points == [11, 11]
