"""Filled-in CS231n assignments as they are: every way of writing them that is right, and mistakes found where they are."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from grader.cli import main
from grader.exercise import AnnotationError, Outcome
from grader.kit import KitError, find
from grader.layouts import read_layout
from grader.limits import Limits
from grader.marker import Marker, hidden_marker
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark

Marks = Mapping[str, ExerciseMark]

SVM = '''
import numpy as np
from random import shuffle
from past.builtins import xrange
import matplotlib.pyplot as plt

def svm_loss_naive(W, X, y, reg):
  """Structured SVM loss function, naive implementation (with loops)."""
  dW = np.zeros(W.shape)
  num_classes = W.shape[1]
  num_train = X.shape[0]
  loss = 0.0
  for i in xrange(num_train):
    scores = X[i].dot(W)
    for j in xrange(num_classes):
      if j == y[i]:
        continue
      margin = scores[j] - scores[y[i]] + 1
      if margin > 0:
        loss += margin
        dW[:, j] += X[i].T
        dW[:, y[i]] -= X[i].T
  loss = loss / num_train + {penalty}
  dW = dW / num_train + {slope}
  return loss, dW
'''
HALF = {"penalty": "0.5 * reg * np.sum(W * W)", "slope": "reg * W"}
WHOLE = {"penalty": "reg * np.sum(W ** 2)", "slope": "2 * reg * W"}

NET = """
from __future__ import print_function
import numpy as np
import matplotlib.pyplot as plt

class TwoLayerNet(object):
  def __init__(self, input_size, hidden_size, output_size, std=1e-4):
    self.params = {}
    self.params['W1'] = std * np.random.randn(input_size, hidden_size)
    self.params['b1'] = np.zeros(hidden_size)
    self.params['W2'] = std * np.random.randn(hidden_size, output_size)
    self.params['b2'] = np.zeros(output_size)

  def loss(self, X, y=None, reg=0.0):
    W1, b1 = self.params['W1'], self.params['b1']
    W2, b2 = self.params['W2'], self.params['b2']
    N = X.shape[0]
    hidden = X.dot(W1) + b1
    hidden[hidden < 0] = 0
    out = hidden.dot(W2) + b2
    if y is None:
      return out
    e = np.exp(out - out.max(axis=1)[:, np.newaxis])
    p = e / e.sum(axis=1)[:, np.newaxis]
    loss = -np.log(p[range(N), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    p[range(N), y] -= 1
    grads = {}
    grads['W2'] = hidden.T.dot(p) / N + 2 * reg * W2
    grads['b2'] = p.sum(axis=0) / N BIAS
    back = p.dot(W2.T)
    back[hidden <= 0] = 0
    grads['W1'] = X.T.dot(back) / N + 2 * reg * W1
    grads['b1'] = back.sum(axis=0) / N
    return loss, grads

  def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-5,
            num_iters=100, batch_size=200, verbose=False):
    num_train = X.shape[0]
    iterations_per_epoch = max(num_train / batch_size, 1)
    loss_history = []
    for it in xrange(num_iters):
      chosen = np.random.choice(num_train, batch_size)
      loss, grads = self.loss(X[chosen], y=y[chosen], reg=reg)
      loss_history.append(loss)
      for name in TRAINED:
        self.params[name] -= learning_rate * grads[name]
      if verbose and it % 100 == 0:
        print('iteration %d / %d: loss %f' % (it, num_iters, loss))
      if it % iterations_per_epoch == 0:
        train_acc = (self.predict(X) == y).mean()
        learning_rate *= learning_rate_decay
    return {'loss_history': loss_history}

  def predict(self, X):
    return np.argmax(self.loss(X), axis=1)
""".replace("xrange", "range")
PLAIN_NET = NET.replace("BIAS", "").replace("TRAINED", "self.params")

LAYERS = """
import numpy as np

def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    return dout.dot(w.T).reshape(x.shape), rows.T.dot(dout), np.sum(dout, axis=0, keepdims=True)

def relu_forward(x):
    return x * (x > 0), x

def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout

def softmax_loss(x, y):
    shifted = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs = shifted / np.sum(shifted, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y]), keepdims=True) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N
"""

OPTIM = """
import numpy as np

def sgd_momentum(w, dw, config=None):
  if config is None: config = {}
  config.setdefault('learning_rate', 1e-2)
  config.setdefault('momentum', 0.9)
  v = config.get('velocity', np.zeros_like(w))
  v = config['momentum'] * v - config['learning_rate'] * dw
  next_w = w + v
  STORED
  return next_w, config

def adam(x, dx, config=None):
  if config is None: config = {}
  config.setdefault('learning_rate', 1e-3)
  config.setdefault('beta1', 0.9)
  config.setdefault('beta2', 0.999)
  config.setdefault('epsilon', 1e-8)
  config.setdefault('m', np.zeros_like(x))
  config.setdefault('v', np.zeros_like(x))
  config.setdefault('t', 0)
  config['t'] += 1
  config['m'] = config['beta1'] * config['m'] + (1 - config['beta1']) * dx
  config['v'] = config['beta2'] * config['v'] + (1 - config['beta2']) * dx ** 2
  mb, vb = CORRECTED
  next_x = x - config['learning_rate'] * mb / (np.sqrt(vb) + config['epsilon'])
  return next_x, config
"""
CORRECTED = "config['m'] / (1 - config['beta1'] ** config['t']), config['v'] / (1 - config['beta2'] ** config['t'])"


@pytest.fixture(scope="module")
def marker() -> Marker:
    return hidden_marker(find(ROOT), 11, layout="cs231n")


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=3.0, total_seconds=30.0)) as made:
        yield made


@pytest.fixture
def mark(marker: Marker, running: Sandbox, tmp_path: Path) -> Callable[[Mapping[str, str]], Marks]:
    """Marks of a submission given as files, by exercise."""

    def marked(files: Mapping[str, str]) -> Marks:
        for name, text in files.items():
            place = tmp_path / "handed_in" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        units = marker.read(tmp_path / "handed_in", "ada")
        given = marker.mark("ada", units, running)
        assert given.problem is None
        return {m.exercise.name: m for m in given.exercises}

    return marked


def full(marks: Marks, *names: str) -> None:
    for name in names:
        told = [(s.verdict.stage.name, str(s.verdict.outcome)) for s in marks[name].stages]
        assert marks[name].points == marks[name].exercise.points, (name, told, marks[name].error)


def causes(mark: ExerciseMark) -> dict[str, str]:
    """By failed stage: the name of what happened, or its kind."""
    found = {s.verdict.stage.name: s.verdict.cause for s in mark.stages}
    return {stage: c.name if c.kind == "mistake" else c.kind for stage, c in found.items() if c is not None}


@pytest.mark.parametrize("convention", [HALF, WHOLE], ids=["half", "whole"])
def test_either_factor_of_the_regularizer_is_right_if_loss_and_gradient_agree(mark, convention) -> None:
    full(mark({"a/b/cs231n/classifiers/linear_svm.py": SVM.format(**convention)}), "svm_loss_naive")


def test_a_loss_and_a_gradient_of_different_conventions_are_one_mistake(mark) -> None:
    found = mark({"linear_svm.py": SVM.format(penalty=WHOLE["penalty"], slope=HALF["slope"])})["svm_loss_naive"]
    # the loss says what the gradient is of
    assert causes(found) == {"dW": "regularization-gradient-without-factor-2"}
    assert found.points == sum(s.verdict.stage.points for s in found.stages if s.verdict.stage.name == "loss") > 0


COLUMNS = """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
  scores = W.dot(X)
  N = X.shape[1]
  margins = np.maximum(0, scores - scores[y, np.arange(N)] + 1)
  margins[y, np.arange(N)] = 0
  loss = margins.sum() / N + 0.5 * reg * np.sum(W * W)
  binary = (margins > 0).astype(float)
  binary[y, np.arange(N)] = -binary.sum(axis=0)
  dW = binary.dot(X.T) / N + SLOPE * W
  return loss, dW

class LinearClassifier:
  def __init__(self):
    self.W = None

  def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
    dim, num_train = X.shape
    if self.W is None:
      self.W = np.random.randn(np.max(y) + 1, dim) * 0.001
    losses = []
    for it in range(num_iters):
      chosen = np.random.choice(num_train, batch_size)
      loss, grad = self.loss(X[:, chosen], y[chosen], reg)
      losses.append(loss)
      self.W = self.W - learning_rate * grad
    return losses

  def predict(self, X):
    return np.argmax(self.W.dot(X), axis=0)
"""


def test_examples_in_columns_as_in_2015_are_as_good(mark) -> None:
    right = COLUMNS.replace("SLOPE", "reg")
    found = mark({"linear_svm.py": right, "linear_classifier.py": right})
    full(found, "svm_loss_vectorized", "linear_train", "linear_predict")


@pytest.mark.parametrize(
    ("end", "lost"),
    [("  raise ValueError", {"dW"}), ("  return None", {"dW"}), ("  return loss", {"dW"})],
    ids=["raise", "None", "loss"],
)
def test_what_is_not_returned_costs_the_same_in_columns(mark, end: str, lost: set[str]) -> None:
    right = COLUMNS.replace("SLOPE", "reg").replace("  return loss, dW", end)
    found = mark({"linear_svm.py": right})["svm_loss_vectorized"]
    assert {s.verdict.stage.name for s in found.stages if s.points == 0} == lost


def test_a_slip_in_columns_is_named_and_costs_its_stage_only(mark) -> None:
    found = mark({"linear_svm.py": COLUMNS.replace("SLOPE", "2 * reg")})["svm_loss_vectorized"]
    failed = [s.verdict.stage.name for s in found.stages if s.verdict.outcome is Outcome.FAILED]
    assert failed == ["dW"]


def test_two_slips_in_one_value_are_both_named(mark) -> None:
    wrong = SVM.format(penalty="reg * np.sum(W * W) / num_train", slope=WHOLE["slope"]).replace(
        "loss = 0.0", "loss = 1.0 * num_train"
    )
    found = mark({"linear_svm.py": wrong})["svm_loss_naive"]
    cause = next(s.verdict.cause for s in found.stages if s.verdict.stage.name == "loss")
    assert cause is not None and cause.also is not None
    assert {cause.name, cause.also.name} == {"correct-class-counted", "regularization-averaged"}


def test_a_net_is_marked_by_its_loss_its_training_and_its_predictions(mark) -> None:
    full(mark({"neural_net.py": PLAIN_NET}), "two_layer_loss", "two_layer_train", "two_layer_predict")


def test_biases_of_a_row_and_regularization_in_the_constructor_are_as_good(mark) -> None:
    other = (
        PLAIN_NET.replace("output_size, std=1e-4)", "output_size, std=1e-4, reg=0.0)")
        .replace("self.params = {}", "self.params = {}; self.reg = reg")
        .replace("np.zeros(hidden_size)", "np.zeros((1, hidden_size))")
        .replace("np.zeros(output_size)", "np.zeros((1, output_size))")
        .replace("def loss(self, X, y=None, reg=0.0):", "def loss(self, X, y=None):\n    reg = self.reg")
        .replace("sum(axis=0)", "sum(axis=0, keepdims=True)")
    )
    full(mark({"fc_net.py": other}), "two_layer_loss")


def test_a_loss_may_take_more_arguments_and_a_net_hold_more_than_parameters(mark) -> None:
    other = (
        PLAIN_NET.replace("self.params = {}", "self.params = {'note': 'mine', 'momentum': np.zeros(3)}")
        .replace("reg=0.0):", "reg=0.0, scale=1.0):")
        .replace("y=y[chosen], reg=reg)", "y=y[chosen], reg=reg, scale=1.0)")
        .replace("for name in self.params", "for name in grads")
    )
    full(mark({"neural_net.py": other}), "two_layer_loss", "two_layer_train", "two_layer_predict")


def test_regularized_biases_are_named(mark) -> None:
    found = mark({"neural_net.py": NET.replace("BIAS", "+ 2 * reg * b2").replace("TRAINED", "self.params")})
    assert causes(found["two_layer_loss"]) == {"db2": "bias-regularized-in-b2"}
    full(found, "two_layer_train", "two_layer_predict")


def test_biases_that_are_not_trained_are_named_and_cost_the_loss_nothing(mark) -> None:
    found = mark({"neural_net.py": NET.replace("BIAS", "").replace("TRAINED", "('W1', 'W2')")})
    assert "biases-not-trained" in causes(found["two_layer_train"]).values()
    full(found, "two_layer_loss", "two_layer_predict")


def test_layers_that_overwrite_and_return_rows_are_right(mark) -> None:
    full(
        mark({"cs231n/layers.py": LAYERS}),
        "affine_forward",
        "affine_backward",
        "relu_forward",
        "relu_backward",
        "softmax_loss",
    )


def test_a_net_finds_the_layers_it_imports(mark) -> None:
    net = """
import numpy as np
from ..layers import *
from ..layer_utils import affine_relu_forward, affine_relu_backward

class TwoLayerNet(object):
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {"W1": None, "b1": None, "W2": None, "b2": None}
        self.reg = reg

    def loss(self, X, y=None):
        p = self.params
        hidden, first = affine_relu_forward(X, p["W1"], p["b1"])
        scores, second = affine_forward(hidden, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        grads = {}
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, second)
        _, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, first)
        grads["W1"] += self.reg * p["W1"]
        grads["W2"] += self.reg * p["W2"]
        return loss, grads
"""
    utils = """
from .layers import *

def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)

def affine_relu_backward(dout, cache):
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)
"""
    files = {"layers.py": LAYERS, "layer_utils.py": utils, "classifiers/fc_net.py": net}
    full(
        mark({f"assignment2/cs231n/{name}": text for name, text in files.items()}), "two_layer_loss", "affine_backward"
    )


def test_optimisers_are_marked_with_the_state_they_store(mark) -> None:
    right = OPTIM.replace("STORED", "config['velocity'] = v").replace("CORRECTED", CORRECTED)
    full(mark({"optim.py": right}), "sgd_momentum", "adam")


def test_a_state_that_is_not_stored_is_told_as_untouched(mark) -> None:
    found = mark({"optim.py": OPTIM.replace("STORED", "pass").replace("CORRECTED", CORRECTED)})["sgd_momentum"]
    stages = {s.verdict.stage.name: s.verdict for s in found.stages}
    assert stages["v"].outcome not in (Outcome.PASSED, Outcome.FOLLOWS)
    assert found.points < found.exercise.points


def test_what_goes_wrong_in_given_code_has_the_line_of_the_student_s_that_called_it(mark) -> None:
    wrong = LAYERS.replace("x.reshape(x.shape[0], -1)", "np.reshape(x, (x.shape[0], -1, 7, 11))")
    error = mark({"layers.py": wrong})["affine_forward"].error
    assert error is not None and error.label == "layers.py"
    assert "np.reshape" in wrong.splitlines()[error.line - 1]


def test_training_that_is_not_filled_in_is_no_crash(mark) -> None:
    starting = PLAIN_NET.replace("chosen = np.random.choice(num_train, batch_size)", "X_batch, y_batch = None, None")
    starting = starting.replace("self.loss(X[chosen], y=y[chosen], reg=reg)", "self.loss(X_batch, y=y_batch, reg=reg)")
    starting = starting.replace("self.params[name] -= learning_rate * grads[name]", "pass")
    found = mark({"neural_net.py": starting})["two_layer_train"]
    assert (found.error, found.points) == (None, 0)
    assert [s.verdict.outcome for s in found.stages if s.verdict.stage.name == "losses"] == [Outcome.MISSING]


def test_a_failed_import_is_told_where_it_is_why_a_name_is_not_there_and_nowhere_else(mark) -> None:
    names = LAYERS.replace("import numpy as np", "import numpy as np\nfrom no_such_module import helper", 1)
    wrong = names.replace("x.reshape(x.shape[0], -1)", "x.reshape(x.shape[0], none)")
    error = mark({"layers.py": wrong})["affine_forward"].error
    assert error is not None and "no_such_module" not in error.text
    wrong = names.replace("x.reshape(x.shape[0], -1)", "helper(x)")
    error = mark({"layers.py": wrong})["affine_forward"].error
    assert error is not None and "no_such_module" in error.text


def test_corrections_that_adam_lacks_are_named(mark) -> None:
    wrong = OPTIM.replace("STORED", "config['velocity'] = v").replace("CORRECTED", "config['m'], config['v']")
    assert "corrections-missing" in causes(mark({"optim.py": wrong})["adam"]).values()


def test_the_starting_code_is_not_filled_in(mark) -> None:
    stub = """
import numpy as np

def softmax_loss_naive(W, X, y, reg):
    # Initialize the loss and gradient to zero.
    loss = 0.0
    dW = np.zeros_like(W)
    # TODO: your code here
    pass
    return loss, dW
"""
    found = mark({"softmax.py": stub})["softmax_loss_naive"]
    assert found.points == 0
    assert found.outcome is Outcome.MISSING
    assert {s.verdict.outcome for s in found.stages} == {Outcome.MISSING}


def test_a_file_that_was_renamed_is_known_by_its_functions(mark) -> None:
    full(mark({"ada_123_456_svm-final.py": SVM.format(**WHOLE)}), "svm_loss_naive")


def test_the_better_of_two_copies_counts(mark) -> None:
    found = mark({"old/linear_svm.py": SVM.format(penalty="0", slope="0"), "new/linear_svm.py": SVM.format(**WHOLE)})
    full(found, "svm_loss_naive")


def test_what_holds_no_known_file_is_told_so(marker: Marker, tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text("x = 1\n")
    [unit] = marker.read(tmp_path, "ada")
    assert unit.problem is not None and "linear_svm.py" in unit.problem


def test_check_and_grade_take_a_layout(tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "linear_svm.py"
    alone.parent.mkdir()
    alone.write_text(SVM.format(**HALF))
    done = CliRunner().invoke(main, ["--kit", str(ROOT), "check", "--layout", "cs231n", "--json", str(alone)])
    assert done.exit_code == 0, done.output
    [row] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["name"] for e in row["exercises"]] == ["svm_loss_naive"]

    folder = tmp_path / "class"
    folder.mkdir()
    shutil.copytree(alone.parent, folder / "ada")
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.writestr("assignment1/cs231n/classifiers/linear_svm.py", SVM.format(penalty="0", slope=WHOLE["slope"]))
    arguments = [
        "--kit",
        str(ROOT),
        "grade",
        str(folder),
        "--layout",
        "cs231n",
        "--exercise",
        "svm_loss_naive",
        "--seed",
        "3",
    ]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    rows = {r["submission"]: r for r in map(json.loads, (tmp_path / "out" / "results.jsonl").read_text().splitlines())}
    assert rows["ada"]["points"] == rows["ada"]["max_points"]
    assert rows["bob"]["points"] < rows["bob"]["max_points"]


def test_a_layout_that_is_not_there_is_wrong_use_and_names_those_that_are() -> None:
    done = CliRunner().invoke(main, ["--kit", str(ROOT), "check", "--layout", "cs999", str(ROOT / "README.md")])
    assert done.exit_code == 2
    assert "cs999" in done.output and "cs231n" in done.output


def test_an_exercise_that_a_layout_has_not_is_wrong_use() -> None:
    with pytest.raises(KitError, match="have no sigmoid_forward"):
        hidden_marker(find(ROOT), 1, ["sigmoid_forward"], "cs231n")


def test_a_second_layout_is_a_file(kit_copy: Path, running: Sandbox, tmp_path: Path) -> None:
    (kit_copy / "layouts").mkdir()
    (kit_copy / "layouts" / "homework.toml").write_text(
        'title = "homework"\n[[exercise]]\nexercise = "relu_forward"\nfiles = ["hw1.py"]\nnames = ["rectify"]\n'
        "call = '''\ndef call(rectify, x):\n    return rectify(x), None\n'''\n"
    )
    marker = hidden_marker(find(kit_copy), 5, layout="homework")
    (tmp_path / "hw1.py").write_text("import numpy as np\ndef rectify(z):\n    return np.maximum(z, 0)\n")
    given = marker.mark("ada", marker.read(tmp_path / "hw1.py", "ada"), running)
    full({m.exercise.name: m for m in given.exercises}, "relu_forward")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[exercise]]\nfiles = ['a.py']\n", "exercise"),
        ("[[exercise]\n", "TOML"),
        ("[[exercise]]\nexercise = 'f'\nfiles = ['a.py']\ncall = 'x = 1'\n", "no function"),
        ("title = 'nothing'\n", "exercise"),
        ("conventions = [{ form = 'rows' }]\n[[exercise]]\nexercise = 'f'\nfiles = ['a.py']\n", "no form rows"),
        (
            "[[exercise]]\nexercise = 'f'\nfiles = ['a.py']\n"
            "[[form]]\nname = 'rows'\nexercises = ['g']\ncall = 'def call(f): return f'\n",
            "no exercise g",
        ),
    ],
)
def test_a_broken_layout_is_the_author_s_fault_and_says_where(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(AnnotationError, match=told):
        read_layout(path)


def test_with_a_factor_of_the_convention_a_right_gradient_agrees_with_the_numerical_one(tmp_path: Path) -> None:
    """The reference is given another strength than the student's function: its quotients are not the student's."""
    (tmp_path / "linear_svm.py").write_text(
        "import numpy as np\n\n\ndef svm_loss_vectorized(W, X, y, reg):\n"
        "    N, s = len(y), X.dot(W)\n    m = np.maximum(0, s - s[np.arange(N), y][:, None] + 1)\n"
        "    m[np.arange(N), y] = 0\n    d = (m > 0).astype(float)\n    d[np.arange(N), y] = -d.sum(1)\n"
        "    return m.sum() / N + 0.5 * reg * np.sum(W * W), X.T.dot(d) / N + reg * W\n"
    )
    more = ["--layout", "cs231n", "--exercise", "svm_loss_vectorized"]
    done = CliRunner().invoke(main, ["--kit", str(ROOT), "check", str(tmp_path / "linear_svm.py"), *more])
    assert done.exit_code == 0
    assert "agrees with the numerical gradient" in done.output
    assert "differs from the numerical gradient" not in done.output
