"""A backward pass that is right for the student's own, wrong forward pass keeps the marks of its gradients; and only that."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import ROOT

from grader import messages
from grader.exercise import FULL_MARKS
from grader.gradients import Probe, gradient_pairs
from grader.grading import Bench
from grader.item import Item
from grader.kit import Kit, find
from grader.own_forward import Plan, proven
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources

SEEDS = (7, 2024, 31)

# name -> exercise, source, gradients that are right for it. No stage of the reference stands in most of them.
OWN: dict[str, tuple[str, str, set[str]]] = {
    "squared hinge, naive": (
        "svm_loss_naive",
        """
def svm_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        s = X[i] @ W
        for j in range(W.shape[1]):
            m = s[j] - s[y[i]] + 1
            if j != y[i] and m > 0:
                loss += m**2 / len(X)
                dW[:, j] += 2 * m * X[i] / len(X)
                dW[:, y[i]] -= 2 * m * X[i] / len(X)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W
""",
        {"dW"},
    ),
    "squared hinge, one expression": (
        "svm_loss_vectorized",
        """
def svm_loss_vectorized(W, X, y, reg):
    r = np.arange(len(y))
    hinge = lambda A: np.maximum(0, A - A[r, y][:, None] + 1) * (np.arange(A.shape[1]) != y[:, None])
    back = lambda G: G - np.eye(W.shape[1])[y] * G.sum(1, keepdims=True)
    return (hinge(X @ W)**2).sum() / len(y) + reg * (W * W).sum(), X.T @ back(2 * hinge(X @ W) / len(y)) + 2 * reg * W
""",
        {"dW"},
    ),
    "margin of two thirds, lines merged": (
        "svm_loss_vectorized",
        """
def svm_loss_vectorized(W, X, y, reg):
    r = np.arange(len(y))
    on = (X @ W > (X @ W)[r, y][:, None] - 2 / 3) * (np.arange(W.shape[1]) != y[:, None])
    loss = (on * (X @ W - (X @ W)[r, y][:, None] + 2 / 3)).sum() / len(y) + reg * (W * W).sum()
    return loss, X.T @ (on - np.eye(W.shape[1])[y] * on.sum(1, keepdims=True)) / len(y) + 2 * reg * W
""",
        {"dW"},
    ),
    "half the regularization in both": (
        "svm_loss_naive",
        """
def svm_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        s = X[i] @ W
        for j in range(W.shape[1]):
            m = s[j] - s[y[i]] + 1
            if j != y[i] and m > 0:
                loss += m / len(X)
                dW[:, j] += X[i] / len(X)
                dW[:, y[i]] -= X[i] / len(X)
    return loss + 0.5 * reg * np.sum(W**2), dW + reg * W
""",
        {"dW"},
    ),
    "temperature of two, naive": (
        "softmax_loss_naive",
        """
def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        s = X[i] @ W / 2
        p = np.exp(s - s.max()); p /= p.sum()
        loss -= np.log(p[y[i]]) / len(X)
        p[y[i]] -= 1
        dW += np.outer(X[i], p) / 2 / len(X)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W
""",
        {"dW"},
    ),
    "smoothed labels, one expression": (
        "softmax_loss_vectorized",
        """
def softmax_loss_vectorized(W, X, y, reg):
    t = 0.9 * np.eye(W.shape[1])[y] + 0.1 / W.shape[1]
    lse = lambda S: S - S.max(1, keepdims=True) - np.log(np.exp(S - S.max(1, keepdims=True)).sum(1, keepdims=True))
    return -(t * lse(X @ W)).sum() / len(y) + reg * (W * W).sum(), X.T @ (np.exp(lse(X @ W)) - t) / len(y) + 2 * reg * W
""",
        {"dW"},
    ),
    "squared error instead of cross-entropy": (
        "softmax_loss_vectorized",
        """
def softmax_loss_vectorized(W, X, y, reg):
    off = X @ W - np.eye(W.shape[1])[y]
    return (off**2).sum() / len(y) + reg * (W * W).sum(), 2 * X.T @ off / len(y) + 2 * reg * W
""",
        {"dW"},
    ),
    "tanh for relu, helpers in closed form": (
        "two_layer_loss",
        """
def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    def out(a):
        z = a @ W2 + b2
        return z - z.max(1, keepdims=True) - np.log(np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True))
    t = np.eye(W2.shape[1])[y]
    a = np.tanh(X @ W1 + b1)
    g = (np.exp(out(a)) - t) / len(y)
    loss = -(t * out(a)).sum() / len(y) + reg * ((W1 * W1).sum() + (W2 * W2).sum())
    back = (g @ W2.T) * (1 - a * a)
    return loss, {"W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0), "W2": a.T @ g + 2 * reg * W2, "b2": g.sum(0)}
""",
        {"dW1", "db1", "dW2", "db2"},
    ),
    "squared error of a net": (
        "two_layer_loss",
        """
def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    a = np.maximum(X @ W1 + b1, 0)
    g = 2 * (a @ W2 + b2 - np.eye(W2.shape[1])[y]) / len(y)
    loss = (g * g).sum() * len(y) / 4 + reg * ((W1 * W1).sum() + (W2 * W2).sum())
    back = (g @ W2.T) * (a > 0)
    return loss, {"W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0), "W2": a.T @ g + 2 * reg * W2, "b2": g.sum(0)}
""",
        {"dW1", "db1", "dW2", "db2"},
    ),
    "squared hinge of scores": (
        "svm_loss",
        """
def svm_loss(x, y):
    m = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + 1)
    m[np.arange(len(y)), y] = 0
    g = 2 * m
    g[np.arange(len(y)), y] = -g.sum(1)
    return (m * m).mean(), g / m.size
""",
        {"dx"},
    ),
    "focal loss of scores": (
        "softmax_loss",
        """
def softmax_loss(x, y):
    r = np.arange(len(y))
    e = np.exp(x - x.max(1, keepdims=True)); P = e / e.sum(1, keepdims=True)
    q = P[r, y]
    slope = ((1 - q) ** 2 / q - 2 * (1 - q) * np.log(q)) * q
    return -((1 - q) ** 2 * np.log(q)).sum() / len(y), (P - np.eye(x.shape[1])[y]) * slope[:, None] / len(y)
""",
        {"dx"},
    ),
    "hinge net with a soft margin": (
        "two_layer_svm_loss",
        """
def two_layer_svm_loss(W1, W2, X, y, reg):
    t = np.eye(W2.shape[1])[y]
    a = np.maximum(0, X @ W1)
    m = a @ W2 - ((a @ W2) * t).sum(1, keepdims=True) + 1
    soft = np.logaddexp(0, m) * (1 - t)
    g = (1 - t) / (1 + np.exp(-m)) / len(y)
    g = g - t * g.sum(1, keepdims=True)
    back = g @ W2.T * (a > 0)
    return soft.sum() / len(y) + reg * ((W1**2).sum() + (W2**2).sum()), X.T @ back + 2 * reg * W1, a.T @ g + 2 * reg * W2
""",
        {"dW1", "dW2"},
    ),
    "bias subtracted": (
        "affine_backward",
        """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w - b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, -dout.sum(0)
""",
        {"db"},
    ),
    "absolute value": (
        "relu_backward",
        """
def relu_forward(x):
    return np.abs(x), x
def relu_backward(dout, cache):
    return dout * np.sign(cache)
""",
        {"dx"},
    ),
}

# name -> exercise, source: what must earn nothing for its gradients
NOTHING: dict[str, tuple[str, str]] = {
    "zeros against a constant": (
        "svm_loss_naive",
        "def svm_loss_naive(W, X, y, reg):\n    return 1.0, np.zeros_like(W)\n",
    ),
    "only the regularization": (
        "softmax_loss_naive",
        "def softmax_loss_naive(W, X, y, reg):\n    return reg * np.sum(W**2), 2 * reg * W\n",
    ),
    "a sum of weights": (
        "svm_loss_vectorized",
        "def svm_loss_vectorized(W, X, y, reg):\n    return W.sum(), np.ones_like(W)\n",
    ),
    "a sum of scores, without the labels": (
        "softmax_loss_naive",
        "def softmax_loss_naive(W, X, y, reg):\n    return (X @ W).sum(), np.tile(X.sum(0)[:, None], W.shape[1])\n",
    ),
    "an input handed back": (
        "relu_backward",
        "def relu_forward(x):\n    return x, x\n\n\ndef relu_backward(dout, cache):\n    return dout\n",
    ),
    "a gradient of another loss": (
        "svm_loss",
        """
def svm_loss(x, y):
    m = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + 1)
    m[np.arange(len(y)), y] = 0
    g = 1.9 * m
    g[np.arange(len(y)), y] = -g.sum(1)
    return (m * m).mean(), g / m.size
""",
    ),
    "right for five examples only": (
        "softmax_loss_vectorized",
        """
def softmax_loss_vectorized(W, X, y, reg):
    off = X @ W - np.eye(W.shape[1])[y]
    return (off**2).sum() / len(y) + reg * (W * W).sum(), 2 * X.T @ off / 5 + 2 * reg * W
""",
    ),
    "differences of a right loss": (
        "softmax_loss",
        """
def softmax_loss(x, y):
    def loss(x):
        return np.mean(np.log(np.exp(x).sum(1)) - x[np.arange(len(y)), y])
    dx = np.zeros_like(x)
    for at in np.ndindex(*x.shape):
        h = np.zeros_like(x)
        h[at] = 1e-5
        dx[at] = (loss(x + h) - loss(x)) / 1e-5
    return loss(x), dx
""",
    ),
    "a loss that is off by a constant, and a wrong gradient": (
        "svm_loss",
        """
def svm_loss(x, y):
    m = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + 1)
    g = 1.0 * (m > 0)
    g[np.arange(len(y)), y] -= g.sum(1)
    return m.sum() / len(y), 1.00001 * g / len(y)
""",
    ),
}


@pytest.fixture(scope="module")
def benches() -> dict[int, Bench]:
    kit = find(ROOT)
    names = {exercise for exercise, *_ in (*OWN.values(), *NOTHING.values())} | {"relu_forward", "affine_forward"}
    return {seed: Bench([o for o in kit.hidden(seed) if o.exercise.name in names]) for seed in SEEDS}


def marked(bench: Bench, sandbox: Sandbox, exercise: str, source: str) -> ExerciseMark:
    submission = from_sources("s", [("code.py", "import numpy as np\n" + source)], bench.stubs)
    return bench.mark(submission, sandbox, only=[exercise]).exercises[0]


def gradients(mark: ExerciseMark) -> dict[str, str]:
    """Outcomes of the returned gradients."""
    found = {s.verdict.stage.name: str(s.verdict.outcome) for s in mark.stages}
    return {name: found[name] for name in mark.exercise.outputs if name.startswith("d")}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "source", "names"), OWN.values(), ids=OWN)
def test_a_gradient_that_is_right_for_a_wrong_forward_pass_keeps_its_marks(
    benches: dict[int, Bench], sandbox: Sandbox, exercise: str, source: str, names: set[str], seed: int
) -> None:
    mark = marked(benches[seed], sandbox, exercise, source)
    assert mark.error is None
    found = gradients(mark)
    assert all(found[name] == "follows" for name in names), found
    assert all(outcome in FULL_MARKS for outcome in found.values()), found
    if exercise not in ("affine_backward", "relu_backward"):  # their forward pass is an exercise of its own
        assert mark.outcome == "failed"
        assert mark.points < mark.exercise.points


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "source"), NOTHING.values(), ids=NOTHING)
def test_a_gradient_without_evidence_earns_nothing(
    benches: dict[int, Bench], sandbox: Sandbox, exercise: str, source: str, seed: int
) -> None:
    mark = marked(benches[seed], sandbox, exercise, source)
    assert mark.error is None
    assert set(gradients(mark).values()) <= {"failed", "missing"}, gradients(mark)
    assert sum(s.points for s in mark.stages if s.verdict.stage.name in gradients(mark)) == 0


def test_the_student_reads_why(benches: dict[int, Bench], sandbox: Sandbox) -> None:
    exercise, source, _ = OWN["squared hinge, naive"]
    mark = marked(benches[SEEDS[0]], sandbox, exercise, source)
    told = {s.verdict.stage.name: messages.stage(s, mark.exercise, public=False) for s in mark.stages}
    assert told["dW"] == "right for your own forward pass"


def test_a_gradient_is_proven_on_every_case_or_not_at_all() -> None:
    """f = sum(sin(x) * a) where the reference has sum(x * a): right on both cases, then wrong on the second."""
    oracle = next(o for o in find(ROOT).hidden(3) if o.exercise.name == "softmax_loss")
    rng = np.random.default_rng(1)

    def shown(factor: float):
        x, y = rng.standard_normal((3, 4)), np.array([0, 2, 1])
        a = np.eye(4)[y] + 1
        plan = Plan(
            "softmax_loss", oracle.exercise, "dx", "x", factor * a * np.cos(x), a, {"x": x, "y": y}, {"x": x, "y": y}, None,
            Probe.along(12, 2, rng),
        )  # fmt: skip
        return plan.shown([np.sum(np.sin(x) * (np.eye(4)[y] + 1)) for x, y in plan.calls()])

    right, wrong = shown(1.0), shown(1.01)
    assert right.evident and not wrong.evident
    assert proven([right, right])
    assert not proven([right, wrong])
    assert not proven([wrong])


def test_every_forward_pass_of_the_kit_depends_on_all_its_arrays() -> None:
    """So that asking it of a student's forward pass asks for nothing that the reference does not do."""
    oracles = {o.exercise.name: o for o in find(ROOT).hidden(5)}
    asked = 0
    for oracle in oracles.values():
        forward = oracles.get(oracle.exercise.forward or "", oracle)
        for gradient, variable in gradient_pairs(oracle.exercise, forward.exercise):
            inputs = {**forward.start(0), **oracle.start(0)}
            at = np.asarray(inputs[variable], dtype=float)
            upstream = inputs.get("d" + forward.exercise.outputs[0])
            plan = Plan(
                oracle.exercise.name, forward.exercise, gradient, variable, oracle.right[0][gradient],
                0 * oracle.right[0][gradient], inputs, {}, None if upstream is None else np.asarray(upstream),
                Probe.along(at.size, 2, np.random.default_rng(0)),
            )  # fmt: skip
            function = forward.reference.module[forward.exercise.name]
            outputs = [function(*call) for call in plan.calls()]
            shown = plan.shown([out[0] if isinstance(out, tuple) else out for out in outputs])
            assert shown.evident, (oracle.exercise.name, gradient, str(shown.report))
            asked += 1
    assert asked >= 35


def slips() -> list[tuple[str, str]]:
    """Named mistakes of the exercises that return gradients, each with its exercise."""
    kit = find(ROOT)
    known = {r.name: r.exercise for r in kit.references}
    return [
        (r.name, m.name)
        for r in kit.references
        for m in r.mistakes
        if gradient_pairs(r.exercise, known.get(r.exercise.forward or "", r.exercise))
    ]


@pytest.mark.parametrize(("exercise", "mistake"), slips())
def test_a_right_forward_pass_need_not_be_run_again(
    kit: Kit, bench: Bench, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, exercise: str, mistake: str
) -> None:
    """With the reference's quotients the check of every gradient ends as with those of the student's own."""
    known = {r.name: r for r in kit.references}
    reference = known[exercise]
    slip = next(m for m in reference.mistakes if m.name == mistake)
    sources = {exercise: reference.function_with(slip)}
    if reference.exercise.forward:
        sources[reference.exercise.forward] = known[reference.exercise.forward].source
    submission = from_sources("s", [(n, f"import numpy as np\n{text}") for n, text in sources.items()], bench.stubs)

    def checks() -> dict[str, tuple[str, str]]:
        marks = bench.mark(submission, sandbox, only=sources).exercises
        mark = next(e for e in marks if e.exercise.name == exercise)
        return {c.name: (str(c.outcome), messages.check(c)) for c in mark.checks if c.name.startswith("gradient")}

    found = checks()
    monkeypatch.setattr(Item, "exact", lambda *_: False)
    own = checks()
    assert found
    assert {n: outcome for n, (outcome, _) in found.items()} == {n: outcome for n, (outcome, _) in own.items()}
    assert not any("the reference's forward pass" in told for _, told in own.values())
    if reference.exercise.forward and any("evaluations" in told for _, told in own.values()):
        assert any("of the reference's forward pass, which yours equals" in told for _, told in found.values())


def test_a_forward_pass_in_single_precision_is_run(bench: Bench, kit: Kit, sandbox: Sandbox) -> None:
    """Its quotients are not those of the reference: they are as rough as it is."""
    known = {r.name: r for r in kit.references}
    wrong = next(m for m in known["tanh_backward"].mistakes if m.name == "sign")
    single = (
        "import numpy as np\n\n\ndef tanh_forward(x):\n    out = np.tanh(x.astype(np.float32))\n    return out, out\n"
    )
    texts = {"tanh_backward": known["tanh_backward"].function_with(wrong), "tanh_forward": single}
    submission = from_sources("s", list(texts.items()), bench.stubs)
    marks = {e.exercise.name: e for e in bench.mark(submission, sandbox, only=texts).exercises}
    assert marks["tanh_forward"].points == marks["tanh_forward"].exercise.points
    (check,) = [c for c in marks["tanh_backward"].checks if c.name == "gradient dx"]
    assert "of your own forward pass" in messages.check(check)
