"""Submissions of the layers: affine, activations, maxout, products of matrices and vectors, last layers."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "affine_forward": {
        "one example after the other": """
import numpy as np

def affine_forward(x, w, b):
    out = np.zeros((len(x), len(b)))
    for i, example in enumerate(x):
        flat = example.ravel()
        for j in range(len(b)):
            out[i, j] = sum(f * v for f, v in zip(flat, w[:, j])) + b[j]
    return out, (x, w, b)
""",
        "the bias as a row of the weights": """
import numpy as np

def affine_forward(x, w, b):
    n = x.shape[0]
    ext = np.concatenate([np.reshape(x, (n, w.shape[0])), np.ones((n, 1))], axis=1)
    return ext.dot(np.vstack((w, b))), (x, w, b)
""",
        "tensordot over the axes of an example": """
import numpy as np

def affine_forward(x, w, b):
    kernel = w.reshape(*x.shape[1:], w.shape[1])
    axes = x.ndim - 1
    cache = x, w, b
    return np.add(np.tensordot(x, kernel, axes=axes), b), cache
""",
        "matrices of the old kind": """
import numpy as np

def affine_forward(x, w, b):
    A = np.matrix(x.reshape(len(x), -1))
    out = A * np.matrix(w) + np.matrix(b)
    return out, (x, w, b)
""",
    },
    "affine_backward": {
        "einsum": """
import numpy as np

def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape((x.shape[0], -1))
    dflat = np.einsum("nm,dm->nd", dout, w)
    return np.reshape(dflat, x.shape), np.einsum("nd,nm->dm", flat, dout), np.einsum("nm->m", dout)
""",
        "added up example by example": """
import numpy as np

def affine_backward(dout, cache):
    (x, w, b) = cache
    dx, dw, db = np.empty_like(x), np.zeros_like(w), np.zeros_like(b)
    for xi, gi, place in zip(x, dout, dx):
        place[...] = (w @ gi).reshape(xi.shape)
        dw += np.outer(xi, gi)
        db += gi
    return dx, dw, db
""",
        "a column of ones for the bias": """
import numpy as np

def affine_backward(dout, cache):
    x, w, b = cache
    n = len(dout)
    both = np.hstack([x.reshape(n, -1), np.ones((n, 1))]).T @ dout
    dw, db = both[:-1], both[-1]
    try:
        return np.matmul(dout, w.transpose()).reshape(x.shape), dw, db
    finally:
        del both
""",
    },
    "relu_forward": {
        "a mask multiplied": """
def relu_forward(x):
    return x * (x > 0), x
""",
        "clip": """
import numpy as np

def relu_forward(x):
    out = np.clip(x, 0.0, None)
    cache = x
    return (out, cache)
""",
        "negatives overwritten in a copy": """
import numpy as np

def relu_forward(x):
    out = np.array(x)
    out[out < 0] = 0
    return out, x
""",
    },
    "relu_backward": {
        "upstream overwritten": """
def relu_backward(dout, cache):
    dx, x = dout, cache
    dx[x <= 0] = 0
    return dx
""",
        "where": """
import numpy as np

def relu_backward(dout, cache):
    return np.where(cache > 0, dout, 0)
""",
        "heaviside": """
import numpy as np

def relu_backward(dout, cache):
    gate = np.heaviside(cache, 0.5)
    return gate * dout
""",
    },
    "leaky_relu_forward": {
        "both halves added": """
import numpy as np

def leaky_relu_forward(x):
    out = np.maximum(0, x) + 0.1 * np.minimum(0, x)
    return out, x
""",
        "a slope for each entry": """
import numpy as np

LEAK = 0.1

def leaky_relu_forward(x):
    slope = np.ones_like(x)
    slope[x < 0] = LEAK
    return slope * x, x
""",
    },
    "leaky_relu_backward": {
        "a scaled copy put in place": """
import numpy as np

def leaky_relu_backward(dout, cache):
    back = dout.copy()
    negative = cache < 0
    back[negative] = back[negative] * 0.1
    return back
""",
        "from the sign": """
import numpy as np

def leaky_relu_backward(dout, cache):
    return dout * (0.55 + 0.45 * np.sign(cache))
""",
        "an optional slope": """
def leaky_relu_backward(dout, cache, slope=0.1):
    on = (cache > 0).astype(float)
    return dout * on + slope * dout * (1 - on)
""",
    },
    "sigmoid_forward": {
        "half a tanh": """
import numpy as np

def sigmoid_forward(x):
    out = (np.tanh(x / 2) + 1) / 2
    return out, out
""",
        "two masks": """
import numpy as np

def sigmoid_forward(x):
    out = np.zeros(x.shape, dtype=np.float64)
    right = x >= 0
    left = np.logical_not(right)
    out[right] = 1.0 / (1.0 + np.exp(-x[right]))
    growing = np.exp(x[left])
    out[left] = growing / (growing + 1.0)
    return out, out
""",
        "clipped exponents": """
import numpy as np

def sigmoid_forward(x):
    with np.errstate(over="ignore"):
        out = np.reciprocal(1.0 + np.exp(np.clip(-x, -745, 709)))
    return out, out
""",
    },
    "sigmoid_backward": {
        "the square taken off": """
def sigmoid_backward(dout, cache):
    s = cache
    dx = s - s ** 2
    dx *= dout
    return dx
""",
        "vectorized from a scalar function": """
import numpy as np

@np.vectorize
def entry(up, s):
    return up * s * (1 - s)

def sigmoid_backward(dout, cache):
    return entry(dout, cache)
""",
    },
    "tanh_forward": {
        "exponentials of what is negative": """
import numpy as np

def tanh_forward(x):
    e = np.exp(-2 * abs(x))
    t = np.sign(x) * (1 - e) / (1 + e)
    return t, t
""",
        "twice a sigmoid": """
import numpy as np

def sig(v):
    return np.exp(-np.logaddexp(0.0, -v))

def tanh_forward(x):
    out = 2 * sig(2 * x) - 1
    return out, out
""",
    },
    "tanh_backward": {
        "a product of two factors": """
def tanh_backward(dout, cache):
    t = cache
    return (1 - t) * (1 + t) * dout
""",
        "einsum": """
import numpy as np

def tanh_backward(dout, cache):
    dx = dout - np.einsum("...,...,...->...", dout, cache, cache)
    return dx
""",
    },
    "elu_forward": {
        "two masks": """
import numpy as np

def elu_forward(x, alpha):
    out = x.copy()
    low = x < 0
    out[low] = alpha * (np.exp(x[low]) - 1)
    return out, (x, alpha)
""",
        "both halves added": """
import numpy as np

def elu_forward(x, alpha=1.0):
    positive, negative = np.maximum(x, 0), np.minimum(x, 0)
    return positive + alpha * (np.exp(negative) - 1), (x, alpha)
""",
        "piecewise": """
import numpy as np

def elu_forward(x, alpha):
    return np.piecewise(x, [x > 0], [lambda t: t, lambda t: alpha * np.expm1(t)]), (x, alpha)
""",
    },
    "elu_backward": {
        "the slope from the output": """
import numpy as np

def elu_backward(dout, cache):
    x, alpha = cache
    out = np.where(x > 0, 1, alpha * np.expm1(np.minimum(0, x)) + alpha)
    return out * dout
""",
        "only the left side scaled": """
import numpy as np

def elu_backward(dout, cache):
    x, alpha = cache
    dx = np.array(dout)
    left = np.nonzero(x < 0)
    dx[left] *= alpha * np.exp(x[left])
    return dx
""",
    },
    "maxout_forward": {
        "both maps stacked": """
import numpy as np

def maxout_forward(x, w1, b1, w2, b2):
    z = np.stack([x.dot(w1) + b1, x.dot(w2) + b2])
    return z.max(axis=0), (x, w1, w2, *z)
""",
        "one wide product": """
import numpy as np

def maxout_forward(x, w1, b1, w2, b2):
    m = w1.shape[1]
    wide = x @ np.hstack((w1, w2)) + np.hstack((b1, b2))
    first, second = wide[:, :m], wide[:, m:]
    out = np.where(first > second, first, second)
    return out, (x, w1, w2, first, second)
""",
        "second plus a ReLU of the difference": """
import numpy as np

def affine(x, w, b):
    return np.einsum("nd,dm->nm", x, w) + b

def maxout_forward(x, w1, b1, w2, b2):
    p, q = affine(x, w1, b1), affine(x, w2, b2)
    return q + np.maximum(p - q, 0), (x, w1, w2, p, q)
""",
    },
    "maxout_backward": {
        "a function for one side": """
import numpy as np

def side(up, x, w):
    return up @ w.T, x.T @ up, np.sum(up, axis=0)

def maxout_backward(dout, cache):
    x, w1, w2, z1, z2 = cache
    first = z1 > z2
    dx1, dw1, db1 = side(np.where(first, dout, 0), x, w1)
    dx2, dw2, db2 = side(np.where(first, 0, dout), x, w2)
    return dx1 + dx2, dw1, db1, dw2, db2
""",
        "columns by examples": """
def maxout_backward(dout, cache):
    x, w1, w2, z1, z2 = cache
    up = dout.T
    a = up * (z1 > z2).T
    b = up - a
    dx = (w1 @ a + w2 @ b).T
    dw1, dw2 = (a @ x).T, (b @ x).T
    return dx, dw1, a.sum(1), dw2, b.sum(1)
""",
        "one wide product": """
import numpy as np

def maxout_backward(dout, cache):
    x, w1, w2, z1, z2 = cache
    m = dout.shape[1]
    both = np.hstack([dout * (z1 > z2), dout * (z2 >= z1)])
    dx = both @ np.hstack([w1, w2]).T
    dw, db = x.T @ both, np.ones(len(x)) @ both
    return dx, dw[:, :m], db[:m], dw[:, m:], db[m:]
""",
    },
    "affected_by": {
        "a product with a matrix that is one at one place": """
import numpy as np

def affected_by(n, d, x, w):
    unit = np.zeros(x.shape)
    unit[n, d] = 1
    return unit @ w
""",
        "an outer product": """
import numpy as np

def affected_by(n, d, x, w):
    row = np.eye(x.shape[0])[n]
    return np.outer(row, w[d, :])
""",
        "entry by entry": """
import numpy as np

def affected_by(n, d, x, w):
    return np.array([[w[d, m] if i == n else 0.0 for m in range(w.shape[1])] for i in range(x.shape[0])])
""",
    },
    "matmul_backward": {
        "einsum": """
import numpy as np

def matmul_backward(dy, x, w):
    return np.einsum("nm,dm->nd", dy, w), np.einsum("nd,nm->dm", x, dy)
""",
        "transposed twice": """
def matmul_backward(dy, x, w):
    dxT = w.dot(dy.T)
    dwT = dy.T.dot(x)
    return dxT.T, dwT.T
""",
        "four loops": """
import numpy as np

def matmul_backward(dy, x, w):
    (N, D), M = x.shape, w.shape[1]
    dx, dw = np.zeros((N, D)), np.zeros((D, M))
    for n in range(N):
        for d in range(D):
            for m in range(M):
                dx[n, d] += dy[n, m] * w[d, m]
                dw[d, m] += dy[n, m] * x[n, d]
    return dx, dw
""",
    },
    "jacobian_bytes": {
        "numpy counts": """
import numpy as np

def jacobian_bytes(N, D, M):
    rows, columns = N * D, N * M
    return rows * columns, rows * columns * np.dtype(np.float32).itemsize
""",
        "product of a shape": """
from math import prod

BYTES = 32 // 8

def jacobian_bytes(N, D, M):
    shape = (N, D, N, M)
    return (entries := prod(shape)), BYTES * entries
""",
    },
    "three_derivatives": {
        "columns put side by side": """
import numpy as np

def three_derivatives(a, b, x):
    J = np.zeros((x.size, 3))
    J[:, 0] = 1
    J[:, 1] = x + x
    J[:, 2] = 3 * np.square(x)
    return a + a, b + b, J
""",
        "powers by broadcasting": """
import numpy as np

def three_derivatives(a, b, x):
    k = np.arange(1, 4)
    return 2.0 * a, np.multiply(2, b), k * x[:, None] ** (k - 1)
""",
        "a Vandermonde matrix": """
import numpy as np

def three_derivatives(a, b, x):
    jac = np.vander(x, 3, increasing=True)
    jac *= [1, 2, 3]
    return 2 * a, 2 * b, jac
""",
    },
    "relu_jacobian": {
        "columns of the identity": """
import numpy as np

def relu_jacobian(x, dout):
    on = x > 0
    J = np.eye(x.size) * on
    return J, np.dot(J, dout), np.where(on, dout, 0.0)
""",
        "a row at a time": """
import numpy as np

def relu_jacobian(x, dout):
    n = len(x)
    J = np.zeros((n, n))
    for i in range(n):
        J[i, i] = float(x[i] > 0)
    explicit = np.array([sum(J[i, j] * dout[j] for j in range(n)) for i in range(n)])
    implicit = dout.copy()
    implicit[x <= 0] = 0
    return J, explicit, implicit
""",
        "indices of the diagonal and a row vector": """
import numpy as np

def relu_jacobian(x, dout):
    J = np.zeros((x.shape[0],) * 2, dtype=int)
    at = np.flatnonzero(x > 0)
    J[at, at] = 1
    direct = np.zeros_like(dout)
    direct[at] = dout[at]
    return J, (dout.reshape(1, -1) @ J.T).ravel(), direct
""",
    },
    "svm_loss": {
        "take along axis": """
import numpy as np

def svm_loss(x, y):
    column = y[:, np.newaxis]
    gap = x - np.take_along_axis(x, column, axis=1) + 1
    np.put_along_axis(gap, column, 0, axis=1)
    wrong = (gap > 0) / len(x)
    loss = gap[gap > 0].sum() / len(x)
    np.put_along_axis(wrong, column, -wrong.sum(axis=1, keepdims=True), axis=1)
    return loss, wrong
""",
        "one hot and a mean of sums": """
import numpy as np

def svm_loss(x, y):
    T = np.eye(x.shape[1])[y]
    hinge = np.maximum(0, x - np.sum(x * T, axis=1, keepdims=True) + 1 - T)
    loss = np.mean(hinge.sum(axis=1))
    on = (hinge > 0).astype(float)
    return loss, (on - T * on.sum(axis=1, keepdims=True)) / len(y)
""",
        "loops": """
import numpy as np

def svm_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    for i, right in enumerate(y):
        for j, score in enumerate(x[i]):
            if j == right:
                continue
            if (margin := score - x[i, right] + 1) > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, right] -= 1
    dx /= len(y)
    return loss / len(y), dx
""",
    },
    "softmax_loss": {
        "log probabilities": """
import numpy as np

def softmax_loss(x, y):
    n = np.arange(len(y))
    logp = x - x.max(axis=1, keepdims=True)
    logp -= np.log(np.sum(np.exp(logp), axis=1, keepdims=True))
    g = np.exp(logp)
    g[n, y] -= 1
    return -logp[n, y].mean(), g / len(y)
""",
        "log add exp reduced": """
import numpy as np

def softmax_loss(x, y):
    hot = y[:, None] == np.arange(x.shape[1])
    lse = np.logaddexp.reduce(x, axis=1)
    loss = np.average(lse - x[hot])
    dx = np.exp(x - lse[:, None]) - hot
    dx = dx / x.shape[0]
    return loss, dx
""",
        "a generator of rows": """
import numpy as np

def rows(x, y):
    for scores, label in zip(x, y):
        e = np.exp(scores - max(scores))
        p = e / sum(e)
        yield scores, p, label

def softmax_loss(x, y):
    total, back = 0.0, []
    for s, p, c in rows(x, y):
        total += np.log(np.exp(s - s[c] - max(s - s[c])).sum()) + max(s - s[c])
        p[c] -= 1
        back.append(p)
    return total / len(x), np.array(back) / len(x)
""",
    },
}
