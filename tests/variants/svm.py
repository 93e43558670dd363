"""Submissions of `svm_loss_vectorized` in many hands: right ones, and wrong ones with what they must cost.

Nobody here writes like the reference: names, order, merging and tools differ. A wrong one holds one mistake.
"""

from __future__ import annotations

RIGHT: dict[str, str] = {
    "one hot mask multiplied into the hinge": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n, k = X.shape[0], W.shape[1]
    truth = np.eye(k)[y]
    f = np.dot(X, W)
    target = (f * truth).sum(axis=1, keepdims=True)
    hinge = np.maximum(f - target + 1.0, 0.0) * (1 - truth)
    active = (hinge > 0).astype(float)
    active -= truth * active.sum(axis=1, keepdims=True)
    return hinge.sum() / n + reg * (W ** 2).sum(), X.T.dot(active) / n + 2 * reg * W
""",
    "scores laid out classes by examples": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    m = len(X)
    S = W.T @ X.T
    cols = np.arange(m)
    H = np.maximum(0, S - S[y, cols] + 1)
    H[y, cols] = 0
    loss = H.sum() / m
    loss += reg * np.sum(W * W)
    G = np.zeros_like(S)
    G[H > 0] = 1
    G[y, cols] = -G.sum(axis=0)
    dW = (G @ X).T / m
    dW += 2 * reg * W
    return loss, dW
""",
    "einsum wherever a product stands": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    B = X.shape[0]
    z = np.einsum("nd,dc->nc", X, W)
    lab = np.zeros(z.shape)
    lab[np.arange(B), y] = 1
    zy = np.einsum("nc,nc->n", z, lab)
    over = np.einsum("nc,nc->nc", np.maximum(0, z - zy[:, None] + 1), 1 - lab)
    J = np.einsum("nc->", over) / B + reg * np.einsum("dc,dc->", W, W)
    on = np.where(over > 0, 1.0 / B, 0.0)
    dz = on - np.einsum("nc,n->nc", lab, np.einsum("nc->n", on))
    return J, np.einsum("nd,nc->dc", X, dz) + 2 * reg * W
""",
    "take along axis and put along axis": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    idx = y.reshape(-1, 1).astype(int)
    out = X @ W
    gap = 1 + out - np.take_along_axis(out, idx, axis=1)
    np.put_along_axis(gap, idx, 0, axis=1)
    gap = gap.clip(min=0)
    data = gap.sum(axis=1).mean()
    bad = np.sign(gap)
    np.put_along_axis(bad, idx, -bad.sum(axis=1, keepdims=True), axis=1)
    bad /= len(y)
    return data + reg * np.square(W).sum(), X.T @ bad + 2 * reg * W
""",
    "boolean table of the other classes": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    a = X @ W
    others = np.arange(a.shape[1])[None, :] != y[:, None]
    own = a[~others].reshape(-1, 1)
    viol = others & (a - own + 1 > 0)
    loss = (a - own + 1)[viol].sum() / a.shape[0] + reg * np.sum(W ** 2)
    da = viol * 1.0
    da[~others] = -viol.sum(axis=1)
    da = da / a.shape[0]
    dW = X.T @ da + 2.0 * reg * W
    return loss, dW
""",
    "batch worked off in two halves": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    total, grad = 0.0, np.zeros(W.shape)
    N = X.shape[0]
    cut = N // 2
    for part in (slice(0, cut), slice(cut, N)):
        Xp, yp = X[part], y[part]
        rows = np.arange(len(yp))
        s = Xp @ W
        h = np.maximum(0, s - s[rows, yp].reshape(-1, 1) + 1)
        h[rows, yp] = 0
        total = total + h.sum()
        g = (h > 0).astype(float)
        g[rows, yp] = -np.sum(g, axis=1)
        grad = grad + Xp.T @ g
    return total / N + reg * np.sum(W * W), grad / N + 2 * reg * W
""",
    "helpers beside the function": """
import numpy as np

DELTA = 1.0

def hinge_table(out, labels):
    table = out - out[np.arange(len(labels)), labels][:, np.newaxis] + DELTA
    table[np.arange(len(labels)), labels] = 0
    return np.maximum(table, 0)

def hinge_table_grad(table, labels):
    back = np.where(table > 0, 1, 0) / len(labels)
    back[np.arange(len(labels)), labels] -= back.sum(axis=1)
    return back

def penalty(M, strength):
    return strength * (M * M).sum(), 2 * strength * M

def svm_loss_vectorized(W, X, y, reg):
    t = hinge_table(X.dot(W), y)
    p, dp = penalty(W, reg)
    return t.sum() / len(y) + p, X.T.dot(hinge_table_grad(t, y)) + dp
""",
    "one taken off for the correct class": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    raw = X @ W
    hinge = np.maximum(0, raw - raw[range(N), y][:, None] + 1)
    loss = hinge.sum() / N - 1
    loss = loss + reg * np.sum(W * W)
    ind = (hinge > 0) * 1.0
    ind[range(N), y] -= ind.sum(axis=1)
    dW = X.T @ ind / N + 2 * reg * W
    return loss, dW
""",
    "sums first and one division at the end": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    num = X.shape[0]
    sc = X.dot(W)
    mg = np.maximum(0, sc - sc[np.arange(num), y, None] + 1)
    mg[np.arange(num), y] = 0
    loss = np.sum(mg)
    mg[mg > 0] = 1
    mg[np.arange(num), y] = -np.sum(mg, axis=1)
    dW = X.T.dot(mg)
    loss /= num
    dW /= num
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW
""",
    "columns gathered with add at": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    f = X @ W
    m = f - f[np.arange(N), y][:, None] + 1
    m[np.arange(N), y] = -1
    who, which = np.nonzero(m > 0)
    data = m[who, which].sum() / N
    dWT = np.zeros(W.T.shape)
    np.add.at(dWT, which, X[who] / N)
    np.add.at(dWT, y[who], -X[who] / N)
    return data + reg * np.sum(W * W), dWT.T + 2 * reg * W
""",
    "where instead of a maximum": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n = y.size
    q = X @ W
    d = q - q[np.arange(n), y].reshape((n, 1)) + 1
    d[np.arange(n), y] = 0
    d = np.where(d > 0, d, 0)
    loss = np.mean(np.sum(d, axis=1)) + reg * np.linalg.norm(W) ** 2
    step = np.where(d > 0, 1 / n, 0)
    step[np.arange(n), y] = -step.sum(axis=1)
    return loss, np.matmul(X.T, step) + reg * W + reg * W
""",
    "loss built up under one name": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    loss = X @ W
    loss = np.maximum(0, loss - loss[np.arange(len(y)), y][:, None] + 1)
    loss[np.arange(len(y)), y] = 0
    dW = (loss > 0).astype(float) / len(y)
    dW[np.arange(len(y)), y] -= dW.sum(axis=1)
    dW = X.T @ dW
    dW = dW + 2 * reg * W
    loss = loss.sum()
    loss = loss / len(y)
    loss = loss + reg * (W * W).sum()
    return loss, dW
""",
    "flat index into the raveled scores": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    flat = (X @ W).ravel()
    home = np.arange(N) * C + y
    m = flat - np.repeat(flat[home], C) + 1
    m[home] = 0
    m = np.maximum(0, m)
    g = (m > 0) / N
    g[home] = -g.reshape(N, C).sum(1)
    return m.sum() / N + reg * np.dot(W.ravel(), W.ravel()), X.T @ g.reshape(N, C) + 2 * reg * W
""",
    "one row after the other": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for x, c in zip(X, y):
        s = x @ W
        m = np.maximum(0, s - s[c] + 1)
        m[c] = 0
        loss += m.sum()
        hot = (m > 0).astype(float)
        hot[c] = -hot.sum()
        dW += np.outer(x, hot)
    return loss / len(X) + reg * np.sum(W * W), dW / len(X) + 2 * reg * W
""",
}

WRONG: dict[str, tuple[str, list[set[str]]]] = {
    "correct class kept in a one hot style": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    truth = np.eye(W.shape[1])[y]
    f = np.dot(X, W)
    hinge = np.maximum(f - (f * truth).sum(axis=1, keepdims=True) + 1.0, 0.0)
    data = hinge.sum() / n
    active = (hinge > 0) / n
    active = active - truth * active.sum(axis=1, keepdims=True)
    return data + reg * (W ** 2).sum(), X.T.dot(active) + 2 * reg * W
""",
        [{"margins"}],
    ),
    "correct class kept and its column assigned": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    num = X.shape[0]
    sc = X.dot(W)
    mg = np.maximum(0, sc - sc[np.arange(num), y, None] + 1)
    loss = np.sum(mg) / num + reg * np.sum(W * W)
    mask = np.zeros(mg.shape)
    mask[mg > 0] = 1
    mask[np.arange(num), y] = -np.sum(mask, axis=1)
    dW = X.T.dot(mask) / num + 2 * reg * W
    return loss, dW
""",
        [{"margins"}],
    ),
    "no one in the hinge, classes by examples": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    m = len(X)
    S = W.T @ X.T
    cols = np.arange(m)
    H = np.maximum(0, S - S[y, cols])
    H[y, cols] = 0
    loss = H.sum() / m
    loss += reg * np.sum(W * W)
    G = np.zeros_like(S)
    G[H > 0] = 1 / m
    G[y, cols] = -G.sum(axis=0)
    dW = (G @ X).T + 2 * reg * W
    return loss, dW
""",
        [{"margins"}],
    ),
    "no maximum in a helper": (
        """
import numpy as np

def slack(out, labels):
    rows = np.arange(len(labels))
    table = out - out[rows, labels].reshape(-1, 1) + 1
    table[rows, labels] = 0
    return table

def svm_loss_vectorized(W, X, y, reg):
    B = len(y)
    t = slack(X.dot(W), y)
    up = np.where(t > 0, 1.0, 0.0) / B
    up[np.arange(B), y] -= up.sum(axis=1)
    return t.sum() / B + reg * (W * W).sum(), X.T.dot(up) + 2 * reg * W
""",
        [{"margins"}],
    ),
    "one added outside of the maximum": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    idx = np.arange(len(y))
    a = X @ W
    hinge = np.maximum(0, a - a[idx, y][:, None]) + 1
    hinge[idx, y] = 0
    cost = np.sum(hinge) / len(y) + reg * np.sum(W ** 2)
    da = (hinge > 0) / len(y)
    da[idx, y] = -da.sum(axis=1)
    return cost, X.T @ da + 2 * reg * W
""",
        [{"margins"}],
    ),
    "difference taken the wrong way round": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    z = np.einsum("nd,dc->nc", X, W)
    lab = np.zeros(z.shape)
    lab[np.arange(N), y] = 1
    zy = np.einsum("nc,nc->n", z, lab)
    over = np.maximum(0, zy[:, None] - z + 1) * (1 - lab)
    J = over.sum() / N
    J = J + reg * np.einsum("dc,dc->", W, W)
    on = np.where(over > 0, 1.0 / N, 0.0)
    dz = on - lab * on.sum(axis=1, keepdims=True)
    return J, np.einsum("nd,nc->dc", X, dz) + 2 * reg * W
""",
        [{"margins"}],
    ),
    "loss a sum, rebuilt under its name": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    num = X.shape[0]
    sc = X.dot(W)
    mg = np.maximum(0, sc - sc[np.arange(num), y, None] + 1)
    mg[np.arange(num), y] = 0
    loss = np.sum(mg)
    loss += reg * np.sum(W * W)
    mg[mg > 0] = 1
    mg[np.arange(num), y] = -np.sum(mg, axis=1)
    dW = X.T.dot(mg) / num
    dW += 2 * reg * W
    return loss, dW
""",
        [{"data_loss"}],
    ),
    "mean over every entry, where style": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n = y.size
    q = X @ W
    d = q - q[np.arange(n), y].reshape((n, 1)) + 1
    d[np.arange(n), y] = 0
    d = np.where(d > 0, d, 0)
    loss = np.mean(d) + reg * np.linalg.norm(W) ** 2
    step = np.where(d > 0, 1 / n, 0)
    step[np.arange(n), y] = -step.sum(axis=1)
    return loss, np.matmul(X.T, step) + reg * W + reg * W
""",
        [{"data_loss"}],
    ),
    "gradient a sum, mask made in place": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    num = X.shape[0]
    sc = X.dot(W)
    mg = np.maximum(0, sc - sc[np.arange(num), y, None] + 1)
    mg[np.arange(num), y] = 0
    loss = np.sum(mg) / num + reg * np.sum(W * W)
    mg[mg > 0] = 1
    mg[np.arange(num), y] = -np.sum(mg, axis=1)
    dW = X.T.dot(mg) + 2 * reg * W
    return loss, dW
""",
        [{"dmargins"}, {"dscores"}, {"dW"}],
    ),
    "gradient a sum, classes by examples in one line": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    m, k = len(X), np.arange(len(X))
    S = W.T.dot(X.T)
    H = np.maximum(0, S - S[y, k] + 1)
    H[y, k] = 0
    T = (H > 0) - np.eye(W.shape[1])[:, y] * (H > 0).sum(axis=0)
    return H.sum() / m + reg * np.sum(W * W), (T @ X).T + 2 * reg * W
""",
        [{"dmargins"}, {"dscores"}, {"dW"}],
    ),
    "regularization halved on the return line": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    a = X @ W
    others = np.arange(a.shape[1])[None, :] != y[:, None]
    own = a[~others].reshape(-1, 1)
    viol = others & (a - own + 1 > 0)
    da = viol * 1.0
    da[~others] = -viol.sum(axis=1)
    da = da / a.shape[0]
    return (a - own + 1)[viol].sum() / a.shape[0] + 0.5 * reg * np.sum(W ** 2), X.T @ da + 2.0 * reg * W
""",
        [{"reg_loss"}],
    ),
    "regularization halved where one is taken off": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    raw = X @ W
    hinge = np.maximum(0, raw - raw[range(N), y][:, None] + 1)
    loss = hinge.sum() / N - 1
    loss = loss + reg / 2 * np.sum(W * W)
    ind = (hinge > 0) * 1.0
    ind[range(N), y] -= ind.sum(axis=1)
    dW = X.T @ ind / N + 2 * reg * W
    return loss, dW
""",
        [{"reg_loss"}],
    ),
    "norm of the weights not squared": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    r, cnt = np.arange(X.shape[0]), X.shape[0]
    u = X @ W
    v = np.maximum(0, u - u[r, y].reshape(-1, 1) + 1)
    v[r, y] = 0
    penalty = reg * np.linalg.norm(W)
    total = v.sum() / cnt + penalty
    du = (v > 0) / cnt
    du[r, y] = -du.sum(axis=1)
    return total, X.T @ du + 2 * reg * W
""",
        [{"reg_loss"}],
    ),
    "regularization left out of the loss": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    idx = y.reshape(-1, 1).astype(int)
    out = X @ W
    gap = 1 + out - np.take_along_axis(out, idx, axis=1)
    np.put_along_axis(gap, idx, 0, axis=1)
    gap = gap.clip(min=0)
    bad = np.sign(gap)
    np.put_along_axis(bad, idx, -bad.sum(axis=1, keepdims=True), axis=1)
    return gap.sum(axis=1).mean(), X.T @ (bad / len(y)) + 2 * reg * W
""",
        [{"loss"}, {"reg_loss"}],
    ),
    "regularization left out of the gradient, divided at the end": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    f = X @ W
    h = np.maximum(0, f - f[np.arange(N), y][:, None] + 1)
    h[np.arange(N), y] = 0
    loss = h.sum() / N + reg * np.sum(W * W)
    count = (h > 0).astype(int)
    count[np.arange(N), y] = -count.sum(axis=1)
    dW = X.T @ count
    dW = dW / N
    return loss, dW
""",
        [{"dW"}],
    ),
    "no factor two, gathered with add at": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    f = X @ W
    m = f - f[np.arange(N), y][:, None] + 1
    m[np.arange(N), y] = -1
    who, which = np.nonzero(m > 0)
    data = m[who, which].sum() / N
    dWT = np.zeros(W.T.shape)
    np.add.at(dWT, which, X[who] / N)
    np.add.at(dWT, y[who], -X[who] / N)
    return data + reg * np.sum(W * W), dWT.T + reg * W
""",
        [{"dW"}],
    ),
    "regularization of the gradient divided by N too": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    f = X @ W
    h = np.maximum(0, f - f[np.arange(N), y][:, None] + 1)
    h[np.arange(N), y] = 0
    loss = h.sum() / N + reg * np.sum(W * W)
    h[h > 0] = 1
    h[np.arange(N), y] -= h.sum(axis=1)
    return loss, (X.T @ h + 2 * reg * W) / N
""",
        [{"dW"}],
    ),
    "minus one instead of minus the count": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n = X.shape[0]
    truth = np.eye(W.shape[1])[y]
    f = np.dot(X, W)
    hinge = np.maximum(f - (f * truth).sum(axis=1, keepdims=True) + 1.0, 0.0) * (1 - truth)
    active = (hinge > 0).astype(float) - truth
    return hinge.sum() / n + reg * (W ** 2).sum(), X.T.dot(active) / n + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "nothing flows to the correct class, one product": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    r, cnt = np.arange(X.shape[0]), X.shape[0]
    u = X @ W
    v = np.maximum(0, u - u[r, y].reshape(-1, 1) + 1)
    v[r, y] = 0
    total = v.sum() / cnt
    total += reg * np.sum(W * W)
    return total, X.T @ ((v > 0) / cnt) + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "count added at the correct class": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    m = len(X)
    S = W.T @ X.T
    cols = np.arange(m)
    H = np.maximum(0, S - S[y, cols] + 1)
    H[y, cols] = 0
    G = (H > 0) / m
    G[y, cols] = G.sum(axis=0)
    return H.sum() / m + reg * np.sum(W * W), X.T @ G.T + 2 * reg * W
""",
        [{"dscores"}],
    ),
    "slack itself in place of its sign": (
        """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    B = len(y)
    z = X @ W
    t = np.maximum(0, z - z[np.arange(B), y].reshape(-1, 1) + 1)
    t[np.arange(B), y] = 0
    cost = t.sum() / B + reg * (W * W).sum()
    t[np.arange(B), y] = -t.sum(axis=1)
    grad = X.T.dot(t) / B
    grad += 2 * reg * W
    return cost, grad
""",
        [{"dscores"}],
    ),
}
