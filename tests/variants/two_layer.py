"""Submissions of `two_layer_loss` in many hands: right ones, and wrong ones with the stages they must cost.

The mask of the ReLU has no stage of its own: forgetting it spoils dW1 and db1 at once; both may be charged.
"""

from __future__ import annotations

RIGHT: dict[str, str] = {
    "short names and in place gradients": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = X.shape[0]
    a = np.maximum(0, X.dot(W1) + b1)
    o = a.dot(W2) + b2
    o -= o.max(axis=1, keepdims=True)
    p = np.exp(o)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(n), y]).sum() / n
    loss += reg * np.sum(W1 * W1)
    loss += reg * np.sum(W2 * W2)
    p[range(n), y] -= 1
    p /= n
    grads = {}
    grads["W2"] = a.T.dot(p) + 2 * reg * W2
    grads["b2"] = p.sum(axis=0)
    da = p.dot(W2.T)
    da[a <= 0] = 0
    grads["W1"] = X.T.dot(da) + 2 * reg * W1
    grads["b1"] = da.sum(axis=0)
    return loss, grads
""",
    "layers written as helpers": """
import numpy as np

def dense(x, w, b):
    return x @ w + b, (x, w)

def dense_back(up, kept):
    x, w = kept
    return up @ w.T, x.T @ up, up.sum(axis=0)

def relu(x):
    return x * (x > 0), x > 0

def cross_entropy(s, labels):
    rows = np.arange(len(labels))
    s = s - s.max(axis=1, keepdims=True)
    lp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    g = np.exp(lp)
    g[rows, labels] -= 1
    return -lp[rows, labels].mean(), g / len(labels)

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    z, c1 = dense(X, W1, b1)
    h, on = relu(z)
    s, c2 = dense(h, W2, b2)
    L, ds = cross_entropy(s, y)
    dh, gW2, gb2 = dense_back(ds, c2)
    _, gW1, gb1 = dense_back(dh * on, c1)
    L += reg * sum(np.sum(w ** 2) for w in (W1, W2))
    return L, {"W1": gW1 + 2 * reg * W1, "b1": gb1, "W2": gW2 + 2 * reg * W2, "b2": gb2}
""",
    "units by examples": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    N = X.shape[0]
    A1 = np.maximum(W1.T @ X.T + b1[:, None], 0)
    Z2 = W2.T @ A1 + b2[:, None]
    E = np.exp(Z2 - Z2.max(axis=0))
    P = E / E.sum(axis=0)
    J = -np.mean(np.log(P[y, np.arange(N)])) + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    D2 = P - np.eye(W2.shape[1])[:, y]
    D2 /= N
    D1 = (W2 @ D2) * (A1 > 0)
    return J, {
        "W1": (D1 @ X).T + 2 * reg * W1, "b1": D1.sum(axis=1),
        "W2": (D2 @ A1.T).T + 2 * reg * W2, "b2": D2.sum(axis=1),
    }
""",
    "einsum and one hot": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    B = len(y)
    T = np.eye(len(b2))[y]
    u = np.einsum("nd,dh->nh", X, W1) + b1
    v = np.where(u > 0, u, 0)
    t = np.einsum("nh,hc->nc", v, W2) + b2
    t = t - t.max(1)[:, None]
    q = np.exp(t) / np.exp(t).sum(1)[:, None]
    cost = -np.einsum("nc,nc->", T, np.log(q)) / B
    cost = cost + reg * np.einsum("ij,ij->", W1, W1) + reg * np.einsum("ij,ij->", W2, W2)
    dt = (q - T) / B
    du = np.einsum("nc,hc->nh", dt, W2) * (u > 0)
    return cost, {
        "W1": np.einsum("nd,nh->dh", X, du) + 2 * reg * W1, "b1": np.einsum("nh->h", du),
        "W2": np.einsum("nh,nc->hc", v, dt) + 2 * reg * W2, "b2": np.einsum("nc->c", dt),
    }
""",
    "biases folded into the weights": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    ones = np.ones((len(X), 1))
    Xa, Wa = np.hstack([X, ones]), np.vstack([W1, b1])
    Ha = np.hstack([np.maximum(0, Xa @ Wa), ones])
    Wb = np.vstack([W2, b2])
    F = Ha @ Wb
    F = F - F.max(axis=1, keepdims=True)
    lse = np.log(np.exp(F).sum(axis=1))
    L = np.mean(lse - F[np.arange(len(y)), y]) + reg * ((W1 ** 2).sum() + (W2 ** 2).sum())
    G = np.exp(F - lse[:, None])
    G[np.arange(len(y)), y] -= 1
    G = G / len(y)
    gWb = Ha.T @ G
    gWa = Xa.T @ ((G @ W2.T) * (Ha[:, :-1] > 0))
    return L, {"W1": gWa[:-1] + 2 * reg * W1, "b1": gWa[-1], "W2": gWb[:-1] + 2 * reg * W2, "b2": gWb[-1]}
""",
    "sums first and the division last": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    m, r = len(X), np.arange(len(X))
    hid = (X @ W1 + b1).clip(0)
    out = hid @ W2 + b2
    e = np.exp(out - out.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = np.sum(-np.log(p[r, y]))
    p[r, y] -= 1
    g = {"W2": hid.T @ p, "b2": p.sum(0)}
    back = (p @ W2.T) * (hid > 0)
    g["W1"], g["b1"] = X.T @ back, back.sum(0)
    for key in g:
        g[key] = g[key] / m
    g["W1"] += 2 * reg * W1
    g["W2"] += 2 * reg * W2
    return loss / m + reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2), g
""",
    "one example after the other": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    g = {"W1": 2 * reg * W1, "b1": 0 * b1, "W2": 2 * reg * W2, "b2": 0 * b2}
    L = reg * np.sum(W1 ** 2) + reg * np.sum(W2 ** 2)
    for x, c in zip(X, y):
        h = np.maximum(0, x @ W1 + b1)
        s = h @ W2 + b2
        s = s - s.max()
        p = np.exp(s) / np.exp(s).sum()
        L += (np.log(np.exp(s).sum()) - s[c]) / len(X)
        p[c] -= 1
        p /= len(X)
        g["W2"] += np.outer(h, p)
        g["b2"] += p
        dh = (W2 @ p) * (h > 0)
        g["W1"] += np.outer(x, dh)
        g["b1"] += dh
    return L, g
""",
    "boolean masks for both the unit and the label": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    pre = X @ W1 + b1
    dead = pre <= 0
    pre[dead] = 0
    logits = pre @ W2 + b2
    isy = y.reshape(-1, 1) == np.arange(b2.size).reshape(1, -1)
    logits = logits - np.max(logits, axis=1).reshape(-1, 1)
    w = np.exp(logits)
    prob = w / np.sum(w, axis=1).reshape(-1, 1)
    loss = -np.log(prob[isy]).mean()
    loss = loss + reg * np.linalg.norm(W1) ** 2
    loss = loss + reg * np.linalg.norm(W2) ** 2
    dl = prob - isy
    dl = dl / y.size
    dpre = dl @ W2.T
    dpre[dead] = 0
    dW1 = X.T @ dpre
    dW2 = pre.T @ dl
    return loss, dict(W1=dW1 + 2 * reg * W1, b1=np.sum(dpre, 0), W2=dW2 + 2 * reg * W2, b2=np.sum(dl, 0))
""",
    "dscores is probs and is changed in place": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    num = X.shape[0]
    layer = X @ W1
    layer += b1
    layer *= layer > 0
    scores = layer @ W2
    scores += b2
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    data = -np.sum(np.log(probs[np.arange(num), y])) / num
    dscores = probs
    dscores[np.arange(num), y] -= 1
    dscores /= num
    dlayer = np.dot(dscores, W2.T) * (layer > 0)
    grads = {
        "W1": np.dot(X.T, dlayer), "b1": np.sum(dlayer, axis=0),
        "W2": np.dot(layer.T, dscores), "b2": np.sum(dscores, axis=0),
    }
    grads["W1"] += 2 * reg * W1
    grads["W2"] += 2 * reg * W2
    return data + reg * (np.sum(W1 * W1) + np.sum(W2 * W2)), grads
""",
    "labels taken off with add at": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    k = np.arange(X.shape[0])
    H = np.maximum(0, np.matmul(X, W1) + b1[None, :])
    S = np.matmul(H, W2) + b2[None, :]
    Z = np.exp(S - np.max(S, 1, keepdims=True))
    Z = Z / np.sum(Z, 1, keepdims=True)
    total = np.mean(-np.log(Z[k, y]))
    np.add.at(Z, (k, y), -1.0)
    Z = Z / k.size
    M = np.matmul(Z, W2.T)
    M = M * np.sign(H)
    total += reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    ones = np.ones(k.size)
    return total, {"W1": X.T @ M + 2 * reg * W1, "b1": ones @ M, "W2": H.T @ Z + 2 * reg * W2, "b2": ones @ Z}
""",
    "batch cut in two": """
import numpy as np

def half(W1, b1, W2, b2, X, y):
    if not len(X):
        return 0.0, [0 * W1, 0 * b1, 0 * W2, 0 * b2]
    h = np.maximum(0, X @ W1 + b1)
    s = h @ W2 + b2
    s = s - s.max(axis=1, keepdims=True)
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    cost = -np.log(p[np.arange(len(y)), y]).sum()
    p[np.arange(len(y)), y] -= 1
    d = (p @ W2.T) * (h > 0)
    return cost, [X.T @ d, d.sum(0), h.T @ p, p.sum(0)]

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    mid, N = len(X) // 2, len(X)
    l1, g1 = half(W1, b1, W2, b2, X[:mid], y[:mid])
    l2, g2 = half(W1, b1, W2, b2, X[mid:], y[mid:])
    w1, c1, w2, c2 = [(u + v) / N for u, v in zip(g1, g2)]
    return (l1 + l2) / N + reg * (np.sum(W1 * W1) + np.sum(W2 * W2)), {
        "W1": w1 + 2 * reg * W1, "b1": c1,
        "W2": w2 + 2 * reg * W2, "b2": c2,
    }
""",
    "stages pulled apart, loss under one name": """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    xw = X @ W1
    xwb = xw + b1
    gate = (xwb > 0).astype(float)
    act = xwb * gate
    aw = act @ W2
    awb = aw + b2
    top = np.max(awb, axis=1).reshape(-1, 1)
    ex = np.exp(awb - top)
    tot = np.sum(ex, axis=1).reshape(-1, 1)
    pr = ex / tot
    picked = pr[np.arange(y.shape[0]), y].reshape(-1, 1)
    loss = -np.log(picked)
    loss = np.mean(loss)
    loss = loss + reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2)
    dawb = pr.copy()
    dawb[np.arange(y.shape[0]), y] -= 1
    dawb = dawb / y.shape[0]
    db2 = dawb.sum(axis=0)
    dW2 = act.T @ dawb
    dW2 = dW2 + 2 * reg * W2
    dact = dawb @ W2.T
    dxwb = dact * gate
    db1 = dxwb.sum(axis=0)
    dW1 = X.T @ dxwb
    dW1 = dW1 + 2 * reg * W1
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
""",
}

WRONG: dict[str, tuple[str, list[set[str]]]] = {
    "hidden layer without its ReLU": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = X.shape[0]
    a = X.dot(W1) + b1
    o = a.dot(W2) + b2
    o -= o.max(axis=1, keepdims=True)
    p = np.exp(o)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(n), y]).sum() / n
    loss += reg * np.sum(W1 * W1)
    loss += reg * np.sum(W2 * W2)
    p[range(n), y] -= 1
    p /= n
    grads = {}
    grads["W2"] = a.T.dot(p) + 2 * reg * W2
    grads["b2"] = p.sum(axis=0)
    da = p.dot(W2.T)
    da[a <= 0] = 0
    grads["W1"] = X.T.dot(da) + 2 * reg * W1
    grads["b1"] = da.sum(axis=0)
    return loss, grads
""",
        [{"h1"}],
    ),
    "bias added after the clip, units by examples": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    N = X.shape[0]
    A1 = np.maximum(W1.T @ X.T, 0) + b1[:, None]
    Z2 = W2.T @ A1 + b2[:, None]
    E = np.exp(Z2 - Z2.max(axis=0))
    P = E / E.sum(axis=0)
    J = -np.mean(np.log(P[y, np.arange(N)])) + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    D2 = P - np.eye(W2.shape[1])[:, y]
    D2 /= N
    D1 = (W2 @ D2) * (A1 > 0)
    return J, {
        "W1": (D1 @ X).T + 2 * reg * W1, "b1": D1.sum(axis=1),
        "W2": (D2 @ A1.T).T + 2 * reg * W2, "b2": D2.sum(axis=1),
    }
""",
        [{"h1"}],
    ),
    "ReLU after the last layer as well": (
        """
import numpy as np

def squash(t):
    return np.where(t > 0, t, 0)

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    B = len(y)
    T = np.eye(len(b2))[y]
    v = squash(X @ W1 + b1)
    t = squash(v @ W2 + b2)
    e = np.exp(t - t.max(1)[:, None])
    q = e / e.sum(1)[:, None]
    cost = -np.sum(T * np.log(q)) / B + reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2)
    dt = (q - T) / B
    du = dt @ W2.T * (v > 0)
    return cost, {
        "W1": X.T @ du + 2 * reg * W1, "b1": du.sum(0),
        "W2": v.T @ dt + 2 * reg * W2, "b2": dt.sum(0),
    }
""",
        [{"scores"}],
    ),
    "second bias forgotten, merged with the shift": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    m, r = len(X), np.arange(len(X))
    hid = (X @ W1 + b1).clip(0)
    out = hid @ W2
    out = out - out.max(1, keepdims=True)
    lp = out - np.log(np.exp(out).sum(1, keepdims=True))
    loss = -lp[r, y].mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    d = np.exp(lp)
    d[r, y] -= 1
    d /= m
    back = (d @ W2.T) * (hid > 0)
    return loss, {
        "W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0),
        "W2": hid.T @ d + 2 * reg * W2, "b2": d.sum(0),
    }
""",
        [{"scores"}],
    ),
    "normalized down the columns": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    k = np.arange(X.shape[0])
    H = np.maximum(0, np.matmul(X, W1) + b1[None, :])
    S = np.matmul(H, W2) + b2[None, :]
    Z = np.exp(S - np.max(S, axis=1, keepdims=True))
    Z = Z / np.sum(Z, axis=0, keepdims=True)
    total = np.mean(-np.log(Z[k, y]))
    np.add.at(Z, (k, y), -1.0)
    Z = Z / k.size
    M = np.matmul(Z, W2.T) * np.sign(H)
    total += reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    return total, {"W1": X.T @ M + 2 * reg * W1, "b1": M.sum(0), "W2": H.T @ Z + 2 * reg * W2, "b2": Z.sum(0)}
""",
        [{"probs"}],
    ),
    "no logarithm, labels as a mask": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    pre = X @ W1 + b1
    dead = pre <= 0
    pre[dead] = 0
    logits = pre @ W2 + b2
    isy = y.reshape(-1, 1) == np.arange(b2.size).reshape(1, -1)
    w = np.exp(logits - np.max(logits, axis=1).reshape(-1, 1))
    prob = w / np.sum(w, axis=1).reshape(-1, 1)
    loss = -prob[isy].mean()
    loss = loss + reg * np.linalg.norm(W1) ** 2 + reg * np.linalg.norm(W2) ** 2
    dl = (prob - isy) / y.size
    dpre = dl @ W2.T
    dpre[dead] = 0
    return loss, dict(
        W1=X.T @ dpre + 2 * reg * W1, b1=np.sum(dpre, 0),
        W2=pre.T @ dl + 2 * reg * W2, b2=np.sum(dl, 0),
    )
""",
        [{"data_loss"}],
    ),
    "sign of the loss, log sum exp": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    q = X @ W1 + b1
    h = q * (q > 0)
    F = h @ W2 + b2
    F = F - F.max(axis=1, keepdims=True)
    lse = np.log(np.exp(F).sum(axis=1))
    L = np.mean(F[np.arange(len(y)), y] - lse) + reg * ((W1 ** 2).sum() + (W2 ** 2).sum())
    G = np.exp(F - lse[:, None])
    G[np.arange(len(y)), y] -= 1
    G = G / len(y)
    R = (G @ W2.T) * (q > 0)
    return L, {"W1": X.T @ R + 2 * reg * W1, "b1": R.sum(0), "W2": h.T @ G + 2 * reg * W2, "b2": G.sum(0)}
""",
        [{"data_loss"}],
    ),
    "loss a sum, everything into one line": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    A = np.maximum(X @ W1 + b1, 0)
    P = np.exp((A @ W2 + b2) - (A @ W2 + b2).max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    D = (P - np.eye(P.shape[1])[y]) / len(y)
    U = D @ W2.T * (A > 0)
    return -np.log(P[np.arange(len(y)), y]).sum() + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2)), {
        "W1": X.T @ U + 2 * reg * W1, "b1": U.sum(0), "W2": A.T @ D + 2 * reg * W2, "b2": D.sum(0),
    }
""",
        [{"data_loss"}],
    ),
    "gradient a sum, probabilities in place": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    num = X.shape[0]
    layer = X @ W1
    layer += b1
    layer *= layer > 0
    scores = layer @ W2
    scores += b2
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    data = -np.sum(np.log(probs[np.arange(num), y])) / num
    dscores = probs
    dscores[np.arange(num), y] -= 1
    dlayer = np.dot(dscores, W2.T) * (layer > 0)
    grads = {
        "W1": np.dot(X.T, dlayer), "b1": np.sum(dlayer, axis=0),
        "W2": np.dot(layer.T, dscores), "b2": np.sum(dscores, axis=0),
    }
    grads["W1"] += 2 * reg * W1
    grads["W2"] += 2 * reg * W2
    return data + reg * (np.sum(W1 * W1) + np.sum(W2 * W2)), grads
""",
        [{"dscores"}],
    ),
    "gradient a sum, nothing of the way back named": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    A = np.maximum(X @ W1 + b1, 0)
    F = A @ W2 + b2
    P = np.exp(F - F.max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    T = np.eye(P.shape[1])[y]
    return -np.log(P[np.arange(len(y)), y]).mean() + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2)), {
        "W1": X.T @ (((P - T) @ W2.T) * (A > 0)) + 2 * reg * W1, "b1": (((P - T) @ W2.T) * (A > 0)).sum(0),
        "W2": A.T @ (P - T) + 2 * reg * W2, "b2": (P - T).sum(0),
    }
""",
        [{"dscores"}],
    ),
    "minus one missing, units by examples": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    N = X.shape[0]
    A1 = np.maximum(W1.T @ X.T + b1[:, None], 0)
    Z2 = W2.T @ A1 + b2[:, None]
    E = np.exp(Z2 - Z2.max(axis=0))
    P = E / E.sum(axis=0)
    J = -np.mean(np.log(P[y, np.arange(N)])) + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    P /= N
    D1 = (W2 @ P) * (A1 > 0)
    return J, {
        "W1": (D1 @ X).T + 2 * reg * W1, "b1": D1.sum(axis=1),
        "W2": (P @ A1.T).T + 2 * reg * W2, "b2": P.sum(axis=1),
    }
""",
        [{"dscores"}],
    ),
    "labels minus probabilities": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    B = len(y)
    T = np.eye(len(b2))[y]
    u = np.einsum("nd,dh->nh", X, W1) + b1
    v = np.where(u > 0, u, 0)
    t = np.einsum("nh,hc->nc", v, W2) + b2
    t = t - t.max(1)[:, None]
    q = np.exp(t) / np.exp(t).sum(1)[:, None]
    cost = -np.einsum("nc,nc->", T, np.log(q)) / B
    cost = cost + reg * np.einsum("ij,ij->", W1, W1) + reg * np.einsum("ij,ij->", W2, W2)
    dt = (T - q) / B
    du = np.einsum("nc,hc->nh", dt, W2) * (u > 0)
    return cost, {
        "W1": np.einsum("nd,nh->dh", X, du) + 2 * reg * W1, "b1": np.einsum("nh->h", du),
        "W2": np.einsum("nh,nc->hc", v, dt) + 2 * reg * W2, "b2": np.einsum("nc->c", dt),
    }
""",
        [{"dscores"}],
    ),
    "second layer not regularized, divided at the end": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    m, r = len(X), np.arange(len(X))
    hid = (X @ W1 + b1).clip(0)
    out = hid @ W2 + b2
    e = np.exp(out - out.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = np.sum(-np.log(p[r, y]))
    p[r, y] -= 1
    g = {"W2": hid.T @ p, "b2": p.sum(0)}
    back = (p @ W2.T) * (hid > 0)
    g["W1"], g["b1"] = X.T @ back, back.sum(0)
    for key in g:
        g[key] = g[key] / m
    g["W1"] += 2 * reg * W1
    g["W2"] += 2 * reg * W2
    return loss / m + reg * np.sum(W1 * W1), g
""",
        [{"reg_loss"}, {"loss"}],
    ),
    "regularization halved in two steps": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = X.shape[0]
    a = np.maximum(0, X.dot(W1) + b1)
    o = a.dot(W2) + b2
    p = np.exp(o - o.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(n), y]).sum() / n
    loss += 0.5 * reg * np.sum(W1 * W1)
    loss += 0.5 * reg * np.sum(W2 * W2)
    p[range(n), y] -= 1
    p /= n
    da = p.dot(W2.T)
    da[a <= 0] = 0
    return loss, {
        "W1": X.T.dot(da) + 2 * reg * W1, "b1": da.sum(0),
        "W2": a.T.dot(p) + 2 * reg * W2, "b2": p.sum(0),
    }
""",
        [{"reg_loss"}],
    ),
    "regularization left out of the loss, helpers": (
        """
import numpy as np

def forward(x, w, b):
    return x @ w + b

def entropy(s, labels):
    rows = np.arange(len(labels))
    s = s - s.max(axis=1, keepdims=True)
    lp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    g = np.exp(lp)
    g[rows, labels] -= 1
    return -lp[rows, labels].mean(), g / len(labels)

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    z = forward(X, W1, b1)
    h = z * (z > 0)
    L, ds = entropy(forward(h, W2, b2), y)
    dz = (ds @ W2.T) * (z > 0)
    return L, {"W1": X.T @ dz + 2 * reg * W1, "b1": dz.sum(0), "W2": h.T @ ds + 2 * reg * W2, "b2": ds.sum(0)}
""",
        [{"loss"}, {"reg_loss"}],
    ),
    "second weights without their regularization on the way back": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    q = X @ W1 + b1
    h = q * (q > 0)
    F = h @ W2 + b2
    F = F - F.max(axis=1, keepdims=True)
    lse = np.log(np.exp(F).sum(axis=1))
    L = np.mean(lse - F[np.arange(len(y)), y]) + reg * ((W1 ** 2).sum() + (W2 ** 2).sum())
    G = np.exp(F - lse[:, None])
    G[np.arange(len(y)), y] -= 1
    G = G / len(y)
    R = (G @ W2.T) * (q > 0)
    return L, {"W1": X.T @ R + 2 * reg * W1, "b1": R.sum(0), "W2": h.T @ G, "b2": G.sum(0)}
""",
        [{"dW2"}],
    ),
    "first weights without the factor two": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    N = X.shape[0]
    A1 = np.maximum(W1.T @ X.T + b1[:, None], 0)
    Z2 = W2.T @ A1 + b2[:, None]
    E = np.exp(Z2 - Z2.max(axis=0))
    P = E / E.sum(axis=0)
    J = -np.mean(np.log(P[y, np.arange(N)])) + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    P[y, np.arange(N)] -= 1
    P /= N
    D1 = (W2 @ P) * (A1 > 0)
    return J, {
        "W1": (D1 @ X).T + reg * W1, "b1": D1.sum(axis=1),
        "W2": (P @ A1.T).T + 2 * reg * W2, "b2": P.sum(axis=1),
    }
""",
        [{"dW1"}],
    ),
    "gradient of the second weights from before the ReLU": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    m, r = len(X), np.arange(len(X))
    pre = X @ W1 + b1
    act = np.maximum(pre, 0)
    out = act @ W2 + b2
    e = np.exp(out - out.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    loss = -np.mean(np.log(p[r, y])) + reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2)
    p[r, y] -= 1
    p = p / m
    back = p @ W2.T * (pre > 0)
    return loss, {
        "W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0),
        "W2": pre.T @ p + 2 * reg * W2, "b2": p.sum(0),
    }
""",
        [{"dW2"}],
    ),
    "second bias gradient averaged": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    k = np.arange(X.shape[0])
    H = np.maximum(0, np.matmul(X, W1) + b1[None, :])
    S = np.matmul(H, W2) + b2[None, :]
    Z = np.exp(S - np.max(S, 1, keepdims=True))
    Z = Z / np.sum(Z, 1, keepdims=True)
    total = np.mean(-np.log(Z[k, y])) + reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    np.add.at(Z, (k, y), -1.0)
    Z = Z / k.size
    M = np.matmul(Z, W2.T) * np.sign(H)
    return total, {
        "W1": X.T @ M + 2 * reg * W1, "b1": M.sum(0),
        "W2": H.T @ Z + 2 * reg * W2, "b2": np.mean(Z, axis=0),
    }
""",
        [{"db2"}],
    ),
    "first bias gradient averaged": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    pre = X @ W1 + b1
    dead = pre <= 0
    pre[dead] = 0
    logits = pre @ W2 + b2
    isy = y.reshape(-1, 1) == np.arange(b2.size).reshape(1, -1)
    w = np.exp(logits - np.max(logits, axis=1).reshape(-1, 1))
    prob = w / np.sum(w, axis=1).reshape(-1, 1)
    loss = -np.log(prob[isy]).mean() + reg * np.linalg.norm(W1) ** 2 + reg * np.linalg.norm(W2) ** 2
    dl = (prob - isy) / y.size
    dpre = dl @ W2.T
    dpre[dead] = 0
    return loss, dict(
        W1=X.T @ dpre + 2 * reg * W1, b1=dpre.mean(0),
        W2=pre.T @ dl + 2 * reg * W2, b2=dl.sum(0),
    )
""",
        [{"db1"}],
    ),
    "mask of the ReLU missing": (
        """
import numpy as np

def dense_back(up, x, w):
    return up @ w.T, x.T @ up, up.sum(axis=0)

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    r = np.arange(len(y))
    h = np.maximum(X @ W1 + b1, 0)
    s = h @ W2 + b2
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.log(p[r, y]).mean() + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    p[r, y] -= 1
    dh, gW2, gb2 = dense_back(p / len(y), h, W2)
    _, gW1, gb1 = dense_back(dh, X, W1)
    return L, {"W1": gW1 + 2 * reg * W1, "b1": gb1, "W2": gW2 + 2 * reg * W2, "b2": gb2}
""",
        [{"dW1", "db1"}, {"dW1"}, {"dh1"}],
    ),
    "mask taken from the gradient itself": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = X.shape[0]
    a = np.maximum(0, X.dot(W1) + b1)
    o = a.dot(W2) + b2
    p = np.exp(o - o.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(n), y]).sum() / n + reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2)
    p[range(n), y] -= 1
    p /= n
    up = p.dot(W2.T)
    dz = np.where(up > 0, up, 0)
    return loss, {
        "W1": X.T.dot(dz) + 2 * reg * W1, "b1": dz.sum(0),
        "W2": a.T.dot(p) + 2 * reg * W2, "b2": p.sum(0),
    }
""",
        [{"dW1", "db1"}, {"dW1"}],
    ),
    "first bias regularized on the way back": (
        """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    A = np.maximum(X @ W1 + b1, 0)
    F = A @ W2 + b2
    P = np.exp(F - F.max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    D = (P - np.eye(P.shape[1])[y]) / len(y)
    U = D @ W2.T * (A > 0)
    return -np.log(P[np.arange(len(y)), y]).mean() + reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2)), {
        "W1": X.T @ U + 2 * reg * W1, "b1": U.sum(0) + 2 * reg * b1,
        "W2": A.T @ D + 2 * reg * W2, "b2": D.sum(0),
    }
""",
        [{"db1"}],
    ),
}
