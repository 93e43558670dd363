"""Submissions of `softmax_loss_vectorized` in many hands: right ones, and wrong ones with their cost.

All of them subtract a maximum first, so that the mistake named is the only one they hold.
"""

from __future__ import annotations

RIGHT: dict[str, str] = {
    "log sum exp and no probabilities in the loss": """
import numpy as np

def log_sum_exp(A):
    top = np.max(A, axis=1)
    return top + np.log(np.exp(A - top[:, None]).sum(axis=1))

def softmax_loss_vectorized(W, X, y, reg):
    n = len(y)
    F = X @ W
    logZ = log_sum_exp(F)
    J = np.mean(logZ - F[np.arange(n), y]) + reg * np.sum(W ** 2)
    Q = np.exp(F - logZ.reshape(-1, 1))
    Q[np.arange(n), y] -= 1
    return J, X.T @ Q / n + 2 * reg * W
""",
    "one hot labels and cross entropy as a product": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    T = np.eye(W.shape[1])[y]
    A = X.dot(W)
    A -= A.max(axis=1, keepdims=True)
    E = np.exp(A)
    Y = E / E.sum(axis=1, keepdims=True)
    cost = -(T * np.log(Y)).sum() / X.shape[0] + reg * (W * W).sum()
    return cost, X.T.dot(Y - T) / X.shape[0] + 2 * reg * W
""",
    "classes by examples": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    cols = np.arange(X.shape[0])
    S = np.dot(W.T, X.T)
    S = np.exp(S - np.max(S, axis=0))
    S /= np.sum(S, axis=0)
    loss = -np.sum(np.log(S[y, cols])) / cols.size
    S[y, cols] -= 1
    dW = np.dot(S, X).T / cols.size
    return loss + reg * np.sum(W * W), dW + 2 * reg * W
""",
    "einsum from end to end": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    B = X.shape[0]
    hot = (y[:, None] == np.arange(W.shape[1])).astype(float)
    z = np.einsum("bd,dk->bk", X, W)
    z = z - np.max(z, axis=1).reshape(-1, 1)
    logp = z - np.log(np.einsum("bk->b", np.exp(z)))[:, None]
    L = -np.einsum("bk,bk->", hot, logp) / B + reg * np.einsum("dk,dk->", W, W)
    return L, np.einsum("bd,bk->dk", X, np.exp(logp) - hot) / B + 2 * reg * W
""",
    "dscores is probs and is changed in place": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    scores -= np.max(scores, axis=1).reshape(-1, 1)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1).reshape(-1, 1)
    loss = np.sum(-np.log(probs[range(N), y]))
    loss /= N
    loss += reg * np.sum(W * W)
    dscores = probs
    dscores[range(N), y] -= 1
    dscores /= N
    dW = np.dot(X.T, dscores)
    dW += 2 * reg * W
    return loss, dW
""",
    "boolean mask picks the correct class": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    raw = X @ W
    hit = np.zeros(raw.shape, dtype=bool)
    hit[np.arange(len(y)), y] = True
    raw = raw - raw.max(1)[:, None]
    up = np.exp(raw)
    p = up / up.sum(1)[:, None]
    data = np.mean(-np.log(p[hit]))
    g = np.where(hit, p - 1, p) / len(y)
    return data + reg * np.sum(W * W), X.T @ g + 2 * reg * W
""",
    "helpers beside the function": """
import numpy as np

def row_softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def nll(p, labels):
    return -np.log(p[np.arange(len(labels)), labels]).mean()

def nll_back(p, labels):
    out = p.copy()
    out[np.arange(len(labels)), labels] -= 1
    return out / len(labels)

def softmax_loss_vectorized(W, X, y, reg):
    p = row_softmax(X @ W)
    return nll(p, y) + reg * np.sum(W * W), X.T @ nll_back(p, y) + 2 * reg * W
""",
    "batch in pieces of three": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    M = len(X)
    J = 0
    G = 0 * W
    for start in range(0, M, 3):
        xb, yb = X[start:start + 3], y[start:start + 3]
        s = xb @ W
        s -= s.max(axis=1, keepdims=True)
        lse = np.log(np.exp(s).sum(axis=1, keepdims=True))
        lp = s - lse
        J -= lp[np.arange(len(yb)), yb].sum()
        d = np.exp(lp)
        d[np.arange(len(yb)), yb] -= 1
        G += xb.T @ d
    return J / M + reg * np.sum(W * W), G / M + 2 * reg * W
""",
    "one taken off with add at": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    o = np.matmul(X, W)
    o = o - np.amax(o, axis=1, keepdims=True)
    num, den = np.exp(o), np.exp(o).sum(axis=1, keepdims=True)
    d = num / den / n
    loss = (np.log(den).sum() - o[np.arange(n), y].sum()) / n
    np.add.at(d, (np.arange(n), y), -1 / n)
    return loss + reg * (W ** 2).sum(), X.T @ d + reg * 2 * W
""",
    "columns gathered with subtract at": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    o = X @ W
    p = np.exp(o - o.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    dWT = p.T @ X
    np.subtract.at(dWT, y, X)
    L = -np.log(np.choose(y, p.T)).sum() if W.shape[1] < 30 else -np.log(p[np.arange(n), y]).sum()
    return L / n + reg * np.vdot(W, W), dWT.T / n + 2 * reg * W
""",
    "everything in two lines": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    P = (lambda e: e / e.sum(1, keepdims=True))(np.exp(X @ W - (X @ W).max(1, keepdims=True)))
    return -np.log(P[np.arange(len(y)), y]).mean() + reg * np.sum(W * W), (
        X.T @ (P - np.eye(W.shape[1])[y]) / len(y) + 2 * reg * W
    )
""",
    "loss in three steps under one name": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    loss = X @ W
    loss = loss - loss.max(axis=1)[:, None]
    loss = loss - np.log(np.exp(loss).sum(axis=1))[:, None]
    dW = np.exp(loss)
    loss = -loss[np.arange(len(y)), y]
    loss = loss.sum() / len(y)
    loss = loss + reg * np.sum(W * W)
    dW[np.arange(len(y)), y] -= 1
    dW = X.T @ (dW / len(y))
    dW = dW + 2 * reg * W
    return loss, dW
""",
    "column vectors and a flat index": """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    v = (X @ W).reshape(N * C, 1)
    v = v - np.repeat(v.reshape(N, C).max(1), C).reshape(-1, 1)
    e = np.exp(v)
    e = e / np.repeat(e.reshape(N, C).sum(1), C).reshape(-1, 1)
    at = np.arange(N) * C + y
    loss = -np.log(e[at]).sum() / N + reg * np.sum(W * W)
    e[at] -= 1
    return loss, X.T @ e.reshape(N, C) / N + 2 * reg * W
""",
}

WRONG: dict[str, tuple[str, list[set[str]]]] = {
    "normalized down the columns": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    T = np.eye(W.shape[1])[y]
    A = X.dot(W)
    A -= A.max(axis=1)[:, None]
    E = np.exp(A)
    Y = E / E.sum(axis=0)
    cost = -np.log(Y[np.arange(len(y)), y]).sum() / X.shape[0] + reg * (W * W).sum()
    return cost, X.T.dot(Y - T) / X.shape[0] + 2 * reg * W
""",
        [{"probs"}],
    ),
    "normalized over the batch, classes by examples": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    cols = np.arange(X.shape[0])
    S = np.dot(W.T, X.T)
    S = np.exp(S - np.max(S, axis=0))
    S /= np.sum(S, axis=1, keepdims=True)
    loss = -np.sum(np.log(S[y, cols])) / cols.size
    S[y, cols] -= 1
    dW = np.dot(S, X).T / cols.size
    return loss + reg * np.sum(W * W), dW + 2 * reg * W
""",
        [{"probs"}],
    ),
    "divided by the sum of the whole table": (
        """
import numpy as np

def row_softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / np.sum(e)

def softmax_loss_vectorized(W, X, y, reg):
    p = row_softmax(X @ W)
    n = len(y)
    data = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return data + reg * np.sum(W * W), X.T @ p / n + 2 * reg * W
""",
        [{"probs"}],
    ),
    "never normalized": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    o = np.matmul(X, W)
    q = np.exp(o - np.amax(o, axis=1, keepdims=True))
    hot = np.zeros_like(q)
    hot[np.arange(n), y] = 1
    J = -np.sum(hot * np.log(q)) / n
    J = J + reg * np.sum(W * W)
    back = (q - hot) / n
    return J, X.T @ back + 2 * reg * W
""",
        [{"probs"}],
    ),
    "no logarithm, one hot style": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    B = X.shape[0]
    hot = (y[:, None] == np.arange(W.shape[1])).astype(float)
    z = np.einsum("bd,dk->bk", X, W)
    z = np.exp(z - np.max(z, axis=1).reshape(-1, 1))
    q = z / np.einsum("bk->b", z)[:, None]
    L = -np.einsum("bk,bk->", hot, q) / B + reg * np.einsum("dk,dk->", W, W)
    return L, np.einsum("bd,bk->dk", X, q - hot) / B + 2 * reg * W
""",
        [{"data_loss"}],
    ),
    "sign of the loss forgotten": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    raw = X @ W
    hit = np.zeros(raw.shape, dtype=bool)
    hit[np.arange(len(y)), y] = True
    up = np.exp(raw - raw.max(1)[:, None])
    p = up / up.sum(1)[:, None]
    data = np.mean(np.log(p[hit]))
    g = np.where(hit, p - 1, p) / len(y)
    return data + reg * np.sum(W * W), X.T @ g + 2 * reg * W
""",
        [{"data_loss"}],
    ),
    "loss a sum, all on one line": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    P = (lambda e: e / e.sum(1, keepdims=True))(np.exp(X @ W - (X @ W).max(1, keepdims=True)))
    return -np.log(P[np.arange(len(y)), y]).sum() + reg * np.sum(W * W), (
        X.T @ (P - np.eye(W.shape[1])[y]) / len(y) + 2 * reg * W
    )
""",
        [{"data_loss"}],
    ),
    "logarithms of all classes summed": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    m = X.shape[0]
    u = X @ W
    u = u - u.max(axis=1, keepdims=True)
    logp = u - np.log(np.exp(u).sum(axis=1, keepdims=True))
    err = -logp.sum() / m
    dU = np.exp(logp)
    dU[np.arange(m), y] -= 1
    return err + reg * np.sum(W * W), X.T @ (dU / m) + 2 * reg * W
""",
        [{"data_loss"}],
    ),
    "maximum not added back to the log sum exp": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = len(y)
    F = X @ W
    top = F.max(axis=1)
    logZ = np.log(np.exp(F - top[:, None]).sum(axis=1))
    J = np.mean(logZ - F[np.arange(n), y]) + reg * np.sum(W ** 2)
    Q = np.exp(F - top[:, None] - logZ.reshape(-1, 1))
    Q[np.arange(n), y] -= 1
    return J, X.T @ Q / n + 2 * reg * W
""",
        [{"data_loss"}],
    ),
    "gradient a sum, probs changed in place": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    scores -= np.max(scores, axis=1).reshape(-1, 1)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1).reshape(-1, 1)
    loss = np.sum(-np.log(probs[range(N), y]))
    loss /= N
    loss += reg * np.sum(W * W)
    dscores = probs
    dscores[range(N), y] -= 1
    dW = np.dot(X.T, dscores)
    dW += 2 * reg * W
    return loss, dW
""",
        [{"dscores"}],
    ),
    "gradient a sum, nothing named": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    A = X.dot(W)
    E = np.exp(A - A.max(axis=1, keepdims=True))
    E /= E.sum(axis=1, keepdims=True)
    cost = -np.log(E[np.arange(len(y)), y]).mean() + reg * (W * W).sum()
    return cost, X.T.dot(E - np.eye(W.shape[1])[y]) + 2 * reg * W
""",
        [{"dscores"}, {"dW"}],
    ),
    "probabilities divided by N but not the one": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    o = X @ W
    o = o - o.max(1, keepdims=True)
    num, den = np.exp(o), np.exp(o).sum(axis=1, keepdims=True)
    loss = (np.log(den).sum() - o[np.arange(n), y].sum()) / n
    d = num / den / n
    np.add.at(d, (np.arange(n), y), -1)
    return loss + reg * (W ** 2).sum(), X.T @ d + reg * 2 * W
""",
        [{"dscores"}],
    ),
    "minus one at the correct class missing, log sum exp": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = len(y)
    F = X @ W
    top = F.max(axis=1)
    logZ = top + np.log(np.exp(F - top[:, None]).sum(axis=1))
    J = np.mean(logZ - F[np.arange(n), y]) + reg * np.sum(W ** 2)
    return J, X.T @ np.exp(F - logZ[:, None]) / n + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "whole columns lowered by one": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    m = len(X)
    u = X @ W
    w = np.exp(u - u.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    c = -np.mean(np.log(w[np.arange(m), y])) + reg * np.sum(W * W)
    w[:, y] -= 1
    return c, X.T @ w / m + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "labels minus probabilities": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    T = np.eye(W.shape[1])[y].T
    A = W.T @ X.T
    E = np.exp(A - A.max(axis=0))
    Y = E / E.sum(axis=0)
    cost = -(T * np.log(Y)).sum() / X.shape[0] + reg * (W * W).sum()
    delta = (T - Y) / X.shape[0]
    return cost, (delta @ X).T + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "regularization halved after a log sum exp": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = len(y)
    F = X @ W
    top = F.max(axis=1, keepdims=True)
    logZ = top + np.log(np.exp(F - top).sum(axis=1, keepdims=True))
    J = (logZ.sum() - F[np.arange(n), y].sum()) / n + 0.5 * reg * np.sum(W ** 2)
    Q = np.exp(F - logZ)
    Q[np.arange(n), y] -= 1
    return J, X.T @ Q / n + 2 * reg * W
""",
        [{"reg_loss"}],
    ),
    "regularization divided by N, with the sum": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = len(y)
    F = X @ W
    R = np.exp(F - F.max(axis=1, keepdims=True))
    R = R / R.sum(axis=1, keepdims=True)
    J = -np.log(R[np.arange(n), y]).sum()
    J += reg * np.sum(W * W)
    J /= n
    R[np.arange(n), y] -= 1
    R /= n
    return J, X.T @ R + 2 * reg * W
""",
        [{"reg_loss"}, {"loss"}],
    ),
    "regularization left out of the loss": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    loss = X @ W
    loss = loss - loss.max(axis=1)[:, None]
    loss = loss - np.log(np.exp(loss).sum(axis=1))[:, None]
    dW = np.exp(loss)
    loss = -loss[np.arange(len(y)), y]
    loss = loss.sum() / len(y)
    dW[np.arange(len(y)), y] -= 1
    dW = X.T @ (dW / len(y))
    dW = dW + 2 * reg * W
    return loss, dW
""",
        [{"loss"}, {"reg_loss"}],
    ),
    "regularization left out of the gradient, in pieces": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    M = len(X)
    J = 0
    G = 0 * W
    for start in range(0, M, 3):
        xb, yb = X[start:start + 3], y[start:start + 3]
        s = xb @ W
        s -= s.max(axis=1, keepdims=True)
        lp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        J -= lp[np.arange(len(yb)), yb].sum()
        d = np.exp(lp)
        d[np.arange(len(yb)), yb] -= 1
        G += xb.T @ d
    return J / M + reg * np.sum(W * W), G / M
""",
        [{"dW"}],
    ),
    "no factor two in the gradient": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    cols = np.arange(X.shape[0])
    S = np.dot(W.T, X.T)
    S = np.exp(S - np.max(S, axis=0))
    S /= np.sum(S, axis=0)
    loss = -np.sum(np.log(S[y, cols])) / cols.size
    S[y, cols] -= 1
    dW = np.dot(S, X).T / cols.size
    return loss + reg * np.sum(W * W), dW + reg * W
""",
        [{"dW"}],
    ),
    "regularization of the gradient divided by N too": (
        """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    o = X @ W
    p = np.exp(o - o.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    L = -np.log(p[np.arange(n), y]).sum()
    grad = X.T @ (p - np.eye(p.shape[1])[y])
    grad += 2 * reg * W
    return L / n + reg * np.vdot(W, W), grad / n
""",
        [{"dW"}],
    ),
}
