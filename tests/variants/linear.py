"""Submissions of linear scores, regularization, the naive losses, numerical gradients and descents."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "linear_scores": {
        "class by class": """
import numpy as np

def linear_scores(W, b, X):
    return np.column_stack([X @ W[:, c] + b[c] for c in range(len(b))])
""",
        "the lecture's columns": """
def linear_scores(W, b, X):
    f = W.T @ X.T + b[:, None]
    return f.T
""",
        "an accumulator": """
import numpy as np

def linear_scores(W, b, X):
    out = np.tile(b, (X.shape[0], 1))
    out += np.einsum("nd,dc->nc", X, W)
    return out
""",
    },
    "l2_regularization": {
        "a norm": """
import numpy as np

def l2_regularization(W, reg):
    return reg * np.linalg.norm(W) ** 2, reg * (W + W)
""",
        "a trace": """
import numpy as np

def l2_regularization(W, reg):
    loss = np.trace(W.T @ W) * reg
    grad = np.zeros_like(W)
    grad += W
    grad *= 2 * reg
    return loss, grad
""",
        "in pure Python": """
import numpy as np

def l2_regularization(W, reg):
    total = 0
    for row in W.tolist():
        total += sum(v * v for v in row)
    return np.array([reg * total]), np.array([[2 * reg * v for v in row] for row in W.tolist()])
""",
    },
    "svm_loss_naive": {
        "margins counted per example": """
import numpy as np

def svm_loss_naive(W, X, y, reg):
    grad = np.zeros(W.shape)
    total = 0.0
    for i in range(X.shape[0]):
        s = X[i].dot(W)
        count = 0
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            m = s[j] - s[y[i]] + 1
            if m > 0:
                total += m
                count += 1
                grad[:, j] += X[i]
        grad[:, y[i]] -= count * X[i]
    total /= X.shape[0]
    grad /= X.shape[0]
    total += reg * np.sum(W * W)
    grad += reg * 2 * W
    return total, grad
""",
        "the gradient built transposed": """
import numpy as np

def svm_loss_naive(W, X, y, reg):
    N, loss = len(y), reg * np.sum(np.square(W))
    dWT = 2 * reg * W.T.copy()
    for x, right in zip(X, y):
        own = x @ W[:, right]
        for wrong in (c for c in range(W.shape[1]) if c != right):
            over = 1 + x @ W[:, wrong] - own
            loss += max(0.0, over) / N
            dWT[wrong] += (over > 0) * x / N
            dWT[right] -= (over > 0) * x / N
    return loss, dWT.T
""",
        "every sum by hand": """
def dot(x, W, c):
    return sum(x[d] * W[d][c] for d in range(len(x)))

def svm_loss_naive(W, X, y, reg):
    import numpy as np
    D, C = W.shape
    loss, dW = 0, [[0.0] * C for _ in range(D)]
    for i in range(len(X)):
        for j in range(C):
            if j != y[i]:
                margin = dot(X[i], W, j) - dot(X[i], W, y[i]) + 1
                if margin > 0:
                    loss = loss + margin / len(X)
                    for d in range(D):
                        dW[d][j] += X[i, d] / len(X)
                        dW[d][y[i]] -= X[i, d] / len(X)
    for d in range(D):
        for c in range(C):
            loss += reg * W[d, c] ** 2
            dW[d][c] += 2 * reg * W[d, c]
    return loss, np.array(dW)
""",
    },
    "softmax_loss_naive": {
        "one row of probabilities at a time": """
import numpy as np

def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    n = X.shape[0]
    for i in range(n):
        f = X[i, :].dot(W)
        f -= np.max(f)
        p = np.exp(f) / np.sum(np.exp(f))
        loss += -f[y[i]] + np.log(np.sum(np.exp(f)))
        for j in range(W.shape[1]):
            dW[:, j] += (p[j] - (1 if j == y[i] else 0)) * X[i]
    return loss / n + reg * np.sum(W * W), dW / n + 2 * reg * W
""",
        "differences from the correct class": """
import math
import numpy as np

def softmax_loss_naive(W, X, y, reg):
    N, C = len(X), W.shape[1]
    losses, parts = [], []
    for x, label in zip(X, y):
        gaps = [float(x @ (W[:, c] - W[:, label])) for c in range(C)]
        top = max(gaps)
        weights = [math.exp(g - top) for g in gaps]
        losses.append(top + math.log(sum(weights)))
        parts.append(np.outer(x, [w / sum(weights) - (c == label) for c, w in enumerate(weights)]))
    return sum(losses) / N + reg * (W ** 2).sum(), sum(parts) / N + 2 * reg * W
""",
        "in extended precision": """
import numpy as np

def softmax_loss_naive(W, X, y, reg):
    A = X.astype(np.longdouble) @ W.astype(np.longdouble)
    loss = np.longdouble(0)
    dW = np.zeros(W.shape, dtype=np.longdouble)
    for i in range(len(A)):
        a = A[i] - A[i].max()
        e = np.exp(a)
        loss += np.log(e.sum()) - a[y[i]]
        for j in range(len(a)):
            dW[:, j] += (e[j] / e.sum() - (j == y[i])) * X[i]
    return loss / len(A) + reg * np.sum(W * W), dW / len(A) + 2 * reg * W
""",
    },
    "numerical_gradient": {
        "an iterator, x moved and put back": """
import numpy as np

def numerical_gradient(f, x, h):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + h
        up = f(x)
        x[ix] = old - h
        down = f(x)
        x[ix] = old
        grad[ix] = (up - down) / (2 * h)
        it.iternext()
    return grad
""",
        "moved by h and by minus two h": """
import numpy as np

def numerical_gradient(f, x, h):
    x = x.copy()
    flat, slopes = x.reshape(-1), []
    for k in range(flat.size):
        flat[k] += h
        ahead = f(x)
        flat[k] -= 2 * h
        behind = f(x)
        flat[k] += h
        slopes.append((ahead - behind) / h / 2)
    return np.reshape(slopes, x.shape)
""",
        "rows of an identity": """
import numpy as np

def numerical_gradient(f, x, h):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + e) - f(x - e) for e in steps]).reshape(x.shape) * (0.5 / h)
""",
        "put back in a finally": """
import numpy as np
from contextlib import contextmanager

@contextmanager
def moved(x, index, by):
    old = x[index]
    try:
        x[index] = old + by
        yield x
    finally:
        x[index] = old

# %%
def numerical_gradient(f, x, h):
    slope = np.empty(x.shape)
    for index, _ in np.ndenumerate(x):
        with moved(x, index, h) as there:
            right = f(there)
        with moved(x, index, -h) as there:
            left = f(there)
        slope[index] = (right - left) / (2 * h)
    return slope
""",
    },
    "gradient_descent": {
        "losses appended": """
import numpy as np

def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    w = weights.copy()
    losses = []
    for _ in range(num_steps):
        loss, grad = loss_fun(w, data)
        losses.append(loss)
        w -= step_size * grad
    return np.array(losses), w
""",
        "a generator of states": """
import numpy as np
from itertools import islice

def walk(evaluate, w, rate):
    while True:
        value, slope = evaluate(w)
        yield value, w
        w = w - rate * slope

def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    seen = list(islice(walk(lambda w: loss_fun(w, data), weights, step_size), num_steps + 1))
    return np.array([value for value, _ in seen[:-1]]), seen[-1][1]
""",
        "recursion": """
import numpy as np

def gradient_descent(loss_fun, data, weights, step_size, num_steps, _so_far=()):
    if num_steps == 0:
        return np.array(_so_far), weights
    loss, g = loss_fun(weights, data)
    return gradient_descent(loss_fun, data, weights - step_size * g, step_size, num_steps - 1, (*_so_far, loss))
""",
    },
    "minibatch_sgd": {
        "drawn inside of the loop": """
import numpy as np

def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    W = W.copy()
    losses = np.zeros(num_steps)
    for t in range(num_steps):
        pick = rng.choice(X.shape[0], batch_size)
        losses[t], dW = loss_fun(W, X[pick], y[pick])
        W -= step_size * dW
    return losses, W
""",
        "batches from a generator": """
import numpy as np

def batches(X, y, size, steps, rng):
    for _ in range(steps):
        idx = rng.choice(len(X), size=size, replace=True)
        yield X.take(idx, axis=0), y.take(idx)

def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    history = []
    for Xb, yb in batches(X, y, batch_size, num_steps, rng):
        value, slope = loss_fun(W, Xb, yb)
        history += [value]
        W = W - step_size * slope
    return np.asarray(history), W
""",
        "an object with a step": """
import numpy as np

class Trainer:
    def __init__(self, f, W, rate):
        self.f, self.W, self.rate, self.log = f, np.array(W), rate, []

    def step(self, X, y):
        loss, grad = self.f(self.W, X, y)
        self.log.append(float(loss))
        self.W = self.W - self.rate * grad

# %%
def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    trainer = Trainer(loss_fun, W, step_size)
    done = 0
    while done < num_steps:
        rows = rng.choice(len(y), batch_size)
        trainer.step(X[rows], y[rows])
        done += 1
    return np.array(trainer.log), trainer.W
""",
    },
}
