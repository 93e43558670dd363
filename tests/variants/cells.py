"""Submissions whose pieces lie about: in other cells, bound in other ways, typed, counted, computed in other numbers."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "svm_loss_vectorized": {
        "everything imported from numpy with a star": """
from numpy import *

# %%
def svm_loss_vectorized(W, X, y, reg):
    s = dot(X, W)
    i = arange(s.shape[0])
    m = maximum(0, s - s[i, y][:, newaxis] + 1)
    m[i, y] = 0
    g = where(m > 0, 1.0 / i.size, 0)
    g[i, y] = -sum(g, axis=1)
    return sum(m) / i.size + reg * sum(W * W), dot(X.T, g) + 2 * reg * W
""",
        "a built-in name used for a function of numpy": """
import numpy as np
max, sum = np.maximum, np.sum

# %%
def svm_loss_vectorized(W, X, y, reg):
    s = X @ W
    own = np.choose(y, s.T) if s.shape[1] < 32 else s[np.arange(len(y)), y]
    m = max(0, s - own[:, None] + 1) * (np.arange(s.shape[1]) != y[:, None])
    g = 1.0 * (m > 0)
    g -= np.eye(s.shape[1])[y] * sum(g, axis=1, keepdims=True)
    return sum(m) / len(y) + reg * sum(W ** 2), X.T @ g / len(y) + 2 * reg * W
""",
        "annotations with names that only a type checker knows": """
from __future__ import annotations
import numpy as np
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from numpy.typing import NDArray

# %%
def svm_loss_vectorized(W: NDArray, X: NDArray, y: NDArray, reg: float) -> tuple[float, Gradient]:
    n: int = len(y)
    S: NDArray = X @ W
    M: NDArray = np.where(np.arange(S.shape[1]) == y[:, None], 0, S - S[np.arange(n), y].reshape(n, 1) + 1)
    M = M * (M > 0)
    G: NDArray = np.sign(M) / n
    G[np.arange(n), y] = -np.add.reduce(G, axis=1)
    return float(np.add.reduce(M, axis=None)) / n + reg * float(np.square(W).sum()), X.T @ G + 2 * reg * W
""",
        "a factory with the margin as its argument": """
import numpy as np

def make_hinge(delta):
    def loss(W, X, y, reg):
        rows = np.arange(len(X))
        out = X.dot(W)
        gap = out - out[rows, y].reshape(-1, 1) + delta
        gap[rows, y] = 0
        gap[gap < 0] = 0
        up = (gap != 0).astype(float)
        up[rows, y] = -np.count_nonzero(gap, axis=1)
        return gap.sum() / len(X) + reg * (W * W).sum(), X.T.dot(up) / len(X) + 2 * reg * W
    return loss

# %%
svm_loss_vectorized = make_hinge(delta=1.0)
""",
        "a function that counts its calls": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    svm_loss_vectorized.calls += 1
    N = len(y)
    A = X @ W
    hinge = np.maximum(A - A[np.arange(N), y][:, None] + 1, 0)
    hinge[np.arange(N), y] = 0
    D = (hinge > 0) / N
    D[np.arange(N), y] -= D.sum(1)
    return np.sum(hinge) / N + reg * np.sum(W * W), X.T @ D + 2 * reg * W

# %%
svm_loss_vectorized.calls = 0
""",
        "defined in a try with a fallback": """
import numpy as np

try:
    from a_library_that_is_not_there import hinge
except ImportError:
    def hinge(S, y):
        T = np.zeros(S.shape, bool)
        T[np.arange(len(y)), y] = True
        return np.maximum(S - S[T][:, None] + 1, 0) * ~T, T

# %%
if hinge is not None:
    def svm_loss_vectorized(W, X, y, reg):
        M, T = hinge(X @ W, y)
        G = (M > 0).astype(int)
        G[T] = -G.sum(axis=1)
        return M.sum() / len(y) + reg * np.sum(W * W), X.T @ G / len(y) + 2 * reg * W
""",
    },
    "svm_loss": {
        "margins in single precision, the rest in double": """
import numpy as np

def svm_loss(x, y):
    n = np.arange(len(y))
    gap = np.float32(x) - np.float32(x[n, y])[:, None] + np.float32(1)
    gap[n, y] = 0
    margins = np.maximum(gap, 0)
    loss = margins.sum(dtype=np.float64) / len(y)
    dx = (margins > 0) / len(y)
    dx[n, y] = -dx.sum(axis=1)
    return loss, dx
""",
    },
    "softmax_loss_vectorized": {
        "scores in single precision, kept transposed": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    S = W.T.astype("f4") @ X.T.astype("f4")
    cols = np.arange(X.shape[0])
    P = np.exp(S.astype(float) - S.max(axis=0))
    P /= P.sum(axis=0)
    loss = -np.log(P[y, cols]).mean()
    P[y, cols] -= 1
    dscores = P / cols.size
    dW = (dscores @ X).T + 2 * reg * W
    return loss + reg * (W * W).sum(), dW
""",
        "in single precision": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    W, X = W.astype(np.float32), X.astype(np.float32)
    n = np.float32(len(y))
    A = X @ W
    A -= A.max(axis=1, keepdims=True)
    P = np.exp(A)
    P /= P.sum(axis=1, keepdims=True)
    pick = (np.arange(len(y)), y)
    loss = -np.log(P[pick]).sum() / n + np.float32(reg) * np.sum(W * W)
    P[pick] -= 1
    return loss, X.T @ P / n + np.float32(2 * reg) * W
""",
        "in single precision, returned as a Python float": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    w, x, lam = np.float32(W), np.float32(X), np.float32(reg)
    z = np.matmul(x, w)
    z = z - np.max(z, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    hot = np.eye(w.shape[1], dtype=np.float32)[y]
    loss = -np.sum(logp * hot) / np.float32(len(y)) + lam * np.sum(w * w)
    grad = np.matmul(x.T, np.exp(logp) - hot) / np.float32(len(y)) + 2 * lam * w
    return float(loss), grad.astype(np.float64)
""",
        "masked arrays": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    S = X @ W
    S = S - S.max(axis=1, keepdims=True)
    E = np.exp(S)
    wrong = np.ma.masked_array(E, mask=np.arange(S.shape[1]) == y[:, None])
    own = E[wrong.mask]
    Z = own + wrong.sum(axis=1).filled(0)
    loss = np.log(Z / own).mean()
    D = E / Z[:, None] - wrong.mask
    return loss + reg * np.sum(W * W), X.T @ D / len(y) + 2 * reg * W
""",
        "a partial of a general loss": """
import numpy as np
from functools import partial

def linear_loss(last, W, X, y, reg):
    value, up = last(X @ W, y)
    return value + reg * (W ** 2).sum(), X.T @ up + 2 * reg * W

def cross_entropy(scores, labels):
    i = range(len(labels))
    scores = scores - scores.max(axis=1).reshape(len(i), 1)
    p = np.exp(scores)
    p = (p.T / p.sum(axis=1)).T
    value = -np.log(p[i, labels]).sum() / len(i)
    p[i, labels] -= 1
    return value, p / len(i)

# %%
softmax_loss_vectorized = partial(linear_loss, cross_entropy)
""",
        "a typed name for a lambda": """
import numpy as np
from collections.abc import Callable

def both(P, X, W, y, reg):
    n = len(y)
    J = -np.mean(np.log(P[np.arange(n), y])) + reg * np.sum(W * W)
    P[np.arange(n), y] -= 1
    return J, X.T @ P / n + 2 * reg * W

def shares(S):
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)

# %%
softmax_loss_vectorized: Callable = lambda W, X, y, reg: both(shares(X @ W), X, W, y, reg)
""",
        "memory in a module-level dictionary": """
import numpy as np
MEMORY = {}
MEMORY["eye"] = np.eye
SETTINGS = []

# %%
SETTINGS.append(2.0)

# %%
def softmax_loss_vectorized(W, X, y, reg):
    global MEMORY
    MEMORY["scores"] = X @ W
    top = MEMORY["scores"].max(axis=1, keepdims=True)
    MEMORY["logZ"] = top + np.log(np.exp(MEMORY["scores"] - top).sum(axis=1, keepdims=True))
    MEMORY["P"] = np.exp(MEMORY["scores"] - MEMORY["logZ"])
    T = MEMORY["eye"](W.shape[1])[y]
    loss = np.sum(T * (MEMORY["logZ"] - MEMORY["scores"])) / len(X) + reg * np.sum(W * W)
    return loss, X.T @ (MEMORY["P"] - T) / len(X) + SETTINGS[0] * reg * W
""",
    },
    "two_layer_loss": {
        "a class that caches its layers": """
import numpy as np

class Net:
    def __init__(self, W1, b1, W2, b2):
        self.W1, self.b1, self.W2, self.b2 = W1, b1, W2, b2
        self.cache = {}

    def forward(self, X):
        self.cache["X"] = X
        self.cache["hidden"] = np.maximum(0, X @ self.W1 + self.b1)
        self.scores = self.cache["hidden"] @ self.W2 + self.b2
        return self.scores

    def cost(self, y):
        s = self.scores - self.scores.max(axis=1, keepdims=True)
        self.P = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
        return -np.log(self.P[np.arange(len(y)), y]).mean()

    def backward(self, y):
        d = self.P.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        inner = (d @ self.W2.T) * (self.cache["hidden"] > 0)
        return {"W2": self.cache["hidden"].T @ d, "b2": d.sum(0), "W1": self.cache["X"].T @ inner, "b1": inner.sum(0)}

# %%
def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    net = Net(W1, b1, W2, b2)
    net.forward(X)
    loss, grads = net.cost(y), net.backward(y)
    for name in ("W1", "W2"):
        loss += reg * np.sum(getattr(net, name) ** 2)
        grads[name] += 2 * reg * getattr(net, name)
    return loss, grads
""",
        "walrus in a single return": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    if (n := len(y)) == 0:
        return 0.0, {}
    e = np.exp((s := (h := np.maximum(X @ W1 + b1, 0)) @ W2 + b2) - s.max(1, keepdims=True))
    d = ((p := e / e.sum(1, keepdims=True)) - np.eye(len(b2))[y]) / n
    return -np.log(p[np.arange(n), y]).mean() + reg * ((W1 ** 2).sum() + (W2 ** 2).sum()), {
        "W2": h.T @ d + 2 * reg * W2, "b2": d.sum(0),
        "W1": X.T @ (dz := d @ W2.T * (h > 0)) + 2 * reg * W1, "b1": dz.sum(0),
    }
""",
        "constants from a loop in another cell": """
import numpy as np
ORDER = ["W1", "b1", "W2", "b2"]
DECAY = {}
for name in ORDER:
    DECAY[name] = 2.0 if name.startswith("W") else 0.0

# %%
def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    values = dict(zip(ORDER, (W1, b1, W2, b2)))
    a = X @ W1 + b1
    h = np.where(a < 0, 0, a)
    f = h @ W2 + b2
    lse = np.logaddexp.reduce(f, axis=1)
    loss = np.mean(lse - f[np.arange(len(y)), y])
    for name in ORDER:
        loss += reg * DECAY[name] / 2 * np.sum(values[name] ** 2)
    df = np.exp(f - lse[:, None])
    np.subtract.at(df, (np.arange(len(y)), y), 1)
    df /= len(y)
    da = np.where(a < 0, 0, df @ W2.T)
    raw = {"W1": X.T @ da, "b1": da.sum(0), "W2": h.T @ df, "b2": df.sum(0)}
    return loss, {name: raw[name] + reg * DECAY[name] * values[name] for name in ORDER}
""",
        "a generator between forward and backward": """
import numpy as np

def dense(x, W, b):
    up = yield x @ W + b
    yield up @ W.T, x.T @ up, up.sum(axis=0)

def rectifier(x):
    up = yield np.fmax(x, 0)
    yield up * (x > 0)

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    first = dense(X, W1, b1)
    gate = rectifier(next(first))
    second = dense(next(gate), W2, b2)
    out = next(second)
    out = out - np.max(out, axis=1, keepdims=True)
    prob = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
    loss = -np.sum(np.log(np.take_along_axis(prob, y[:, None].astype(int), 1))) / len(y)
    prob[np.arange(len(y)), y] -= 1
    back, gW2, gb2 = second.send(prob / len(y))
    _, gW1, gb1 = first.send(gate.send(back))
    loss += reg * sum(float(np.sum(W * W)) for W in (W1, W2))
    return loss, dict(W1=gW1 + 2 * reg * W1, b1=gb1, W2=gW2 + 2 * reg * W2, b2=gb2)
""",
        "loops over examples and units": """
import math
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    N, H, C = len(X), len(b1), len(b2)
    g = {"W1": 2 * reg * W1, "b1": np.zeros(H), "W2": 2 * reg * W2, "b2": np.zeros(C)}
    loss = reg * (sum(w * w for w in W1.flat) + sum(w * w for w in W2.flat))
    for x, label in zip(X, y):
        h = [max(0.0, float(x @ W1[:, k] + b1[k])) for k in range(H)]
        s = [sum(h[k] * W2[k, c] for k in range(H)) + b2[c] for c in range(C)]
        top = max(s)
        z = sum(math.exp(v - top) for v in s)
        loss += (math.log(z) + top - s[label]) / N
        for c in range(C):
            d = (math.exp(s[c] - top) / z - (c == label)) / N
            g["b2"][c] += d
            for k in range(H):
                g["W2"][k, c] += d * h[k]
                if h[k] > 0:
                    g["b1"][k] += d * W2[k, c]
                    g["W1"][:, k] += d * W2[k, c] * x
    return loss, g
""",
        "the biases as one more row": """
import numpy as np

def with_ones(A):
    return np.c_[A, np.ones(len(A))]

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    A, B = np.r_[W1, [b1]], np.r_[W2, b2[None]]
    X1 = with_ones(X)
    H = (X1 @ A).clip(min=0)
    H1 = with_ones(H)
    S = H1 @ B
    S -= S.max(axis=1)[:, None]
    L = S - np.log(np.exp(S).sum(axis=1))[:, None]
    T = np.arange(len(b2))[None] == y[:, None]
    D = (np.exp(L) - T) / len(X)
    dB = H1.T @ D
    dA = X1.T @ ((D @ B.T)[:, :-1] * np.sign(H))
    loss = -L[T].sum() / len(X) + reg * ((A[:-1] ** 2).sum() + (B[:-1] ** 2).sum())
    return loss, {"W1": dA[:-1] + 2 * reg * W1, "b1": dA[-1], "W2": dB[:-1] + 2 * reg * W2, "b2": dB[-1]}
""",
    },
    "rmsprop": {
        "other parameter names, a named tuple of results": """
import numpy as np
from collections import ChainMap, namedtuple

Result = namedtuple("Result", "parameters state")

# %%
def rmsprop(theta, gradient, state):
    s = ChainMap(state, dict(learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=np.zeros(theta.shape)))
    kept = np.average([s["cache"], gradient ** 2], axis=0, weights=[s["decay_rate"], 1 - s["decay_rate"]])
    moved = theta - s["learning_rate"] * gradient / np.add(np.sqrt(kept), s["epsilon"])
    return Result(parameters=moved, state={**s, "cache": kept})
""",
    },
    "affine_backward": {
        "any number of arguments, rows in a view": """
import numpy as np

def affine_backward(*args):
    dout, (x, w, *_) = args
    dx = np.empty(x.shape)
    np.matmul(dout, w.T, out=dx.reshape(x.shape[0], -1))
    dw = sum(np.multiply.outer(example.ravel(), up) for example, up in zip(x, dout))
    return dx, dw, np.add.reduce(dout)
""",
    },
    "train_two_layer_sigmoid": {
        "parameters in an ordered dictionary, a loss in a row of one": """
import numpy as np
from collections import OrderedDict

def train_two_layer_sigmoid(x, y, w1, w2, learning_rate, num_steps):
    p, losses = OrderedDict(first=w1.copy(), second=w2.copy()), np.zeros((num_steps,))

    def gradients():
        h = np.exp(-np.logaddexp(0, -x @ p["first"]))
        e = h @ p["second"] - y
        yield np.sum(e * e)
        yield "first", x.T @ (2 * e @ p["second"].T * h * (1 - h))
        yield "second", 2 * h.T @ e

    for t in range(num_steps):
        losses[t], *steps = gradients()
        for name, g in steps:
            p[name] -= learning_rate * g
    return losses, *p.values()
""",
    },
    "SigmoidGate": {
        "the class as it was given, methods in later cells": """
class SigmoidGate(Gate):
    def forward(self, x):
        self.output = ...  # the output, kept
        return self.output

    def backward(self, dout):
        dx = ...  # upstream times local gradient
        return (dx,)

# %%
import numpy as np

def forward(self, x):
    self.output = np.exp(x) / (1 + np.exp(x))
    return self.output

SigmoidGate.forward = forward

# %%
SigmoidGate.backward = lambda self, dout: (dout * self.output * (1 - self.output),)
""",
    },
}
