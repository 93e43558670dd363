"""Wrong submissions in which a stage has an odd form: another shape or dtype, a list, nothing, or none at all.

What comes after such a stage is judged from what the student had there.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {}

WRONG: dict[str, dict[str, tuple[str, list[set[str]]]]] = {
    "svm_loss_vectorized": {
        "margins cut to integers": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = len(y)
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1).astype(int)
    margins[np.arange(N), y] = 0
    data = margins.sum() / N
    penalty = reg * np.sum(W * W)
    dscores = (margins > 0) / N
    dscores[np.arange(N), y] = -dscores.sum(axis=1)
    return data + penalty, X.T @ dscores + 2 * reg * W
""",
            [{"margins"}],
        ),
        "one loss for every example": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    s = X.dot(W)
    m = np.maximum(0, s - s[np.arange(N), y].reshape(-1, 1) + 1)
    m[np.arange(N), y] = 0
    data_loss = m.sum(axis=1) / N
    reg_loss = reg * np.sum(W * W)
    loss = data_loss + reg_loss
    g = np.where(m > 0, 1 / N, 0)
    g[np.arange(N), y] -= g.sum(axis=1)
    return loss, X.T.dot(g) + 2 * reg * W
""",
            [{"data_loss"}],
        ),
        "straight to the scores, then no regularization": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    n = len(y)
    S = X @ W
    H = np.maximum(0, S - S[np.arange(n), y][:, None] + 1)
    H[np.arange(n), y] = 0
    back = (H > 0).astype(np.float32)
    back[np.arange(n), y] = -back.sum(axis=1)
    back = back.astype(float) / n
    return H.sum() / n + reg * np.sum(W * W), X.T @ back
""",
            [{"dW"}],
        ),
        "classes by examples, divided at the end, no regularization": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    m, cols = len(X), np.arange(len(X))
    S = W.T @ X.T
    H = np.maximum(0, S - S[y, cols] + 1)
    H[y, cols] = 0
    G = np.zeros_like(S)
    G[H > 0] = 1
    G[y, cols] = -G.sum(axis=0)
    return H.sum() / m + reg * np.sum(W * W), (G @ X).T / m
""",
            [{"dW"}],
        ),
        "scores in single precision, margins without the one": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = len(y)
    scores = (X @ W).astype(np.float32)
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None])
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N
    loss = loss + reg * np.sum(W * W)
    dscores = (margins > 0) / N
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    return loss, X.T @ dscores + 2 * reg * W
""",
            [{"margins"}],
        ),
        "the gradient a list": (
            """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = len(y)
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    dscores = (margins > 0) / N
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    grad = X.T @ dscores + 2 * reg * W
    return margins.sum() / N + reg * np.sum(W * W), [row for row in grad]
""",
            [{"dW"}],
        ),
    },
    "softmax_loss_vectorized": {
        "probabilities rounded": (
            """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N = len(y)
    s = X @ W
    e = np.exp(s - s.max(axis=1, keepdims=True))
    probs = np.round(e / e.sum(axis=1, keepdims=True), 1) + 0.01
    data_loss = -np.log(probs[np.arange(N), y]).mean()
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    return data_loss + reg * np.sum(W * W), X.T @ dscores + 2 * reg * W
""",
            [{"probs"}],
        ),
        "the gradient not returned": (
            """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N = len(y)
    s = X @ W
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean() + reg * np.sum(W * W)
    d = p.copy()
    d[np.arange(N), y] -= 1
    d /= N
    return loss, None
""",
            [{"dW"}],
        ),
        "an array of objects": (
            """
import numpy as np

def softmax_loss_vectorized(W, X, y, reg):
    N = len(y)
    s = X @ W
    e = np.exp(s - s.max(axis=1, keepdims=True))
    probs = (e / e.sum(axis=0)).astype(object)
    picked = probs[np.arange(N), y].astype(float)
    loss = -np.log(picked).mean() + reg * np.sum(W * W)
    dscores = probs
    dscores[np.arange(N), y] -= 1
    dscores = (dscores / N).astype(float)
    return loss, X.T @ dscores + 2 * reg * W
""",
            [{"probs"}],
        ),
    },
    "two_layer_loss": {
        "hidden layer cut to integers": (
            """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = len(y)
    hid = np.maximum(0, X @ W1 + b1).astype(np.int64)
    out = hid @ W2 + b2
    e = np.exp(out - out.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    p[np.arange(n), y] -= 1
    p /= n
    back = (p @ W2.T) * (hid > 0)
    return loss, {"W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0), "W2": hid.T @ p + 2 * reg * W2, "b2": p.sum(0)}
""",
            [{"h1"}],
        ),
        "a row for the second bias": (
            """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = len(y)
    hid = np.maximum(0, X @ W1 + b1)
    out = hid @ W2 + b2
    e = np.exp(out - out.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    p[np.arange(n), y] -= 1
    p /= n
    back = (p @ W2.T) * (hid > 0)
    grads = {"W1": X.T @ back + 2 * reg * W1, "b1": back.sum(0)}
    grads["W2"], grads["b2"] = hid.T @ p + 2 * reg * W2, p.sum(axis=0, keepdims=True)
    return loss, grads
""",
            [{"db2"}],
        ),
        "a class of its own, second weights without the factor two": (
            """
import numpy as np

class Layer:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, up):
        self.dW = self.x.T @ up
        self.db = up.sum(axis=0)
        return up @ self.W.T

# %%
def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    first, second = Layer(W1, b1), Layer(W2, b2)
    h = np.maximum(0, first.forward(X))
    s = second.forward(h)
    s = s - s.max(axis=1, keepdims=True)
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    first.backward(second.backward(d / len(y)) * (h > 0))
    return loss, {
        "W1": first.dW + 2 * reg * W1, "b1": first.db, "W2": second.dW + reg * W2, "b2": second.db,
    }
""",
            [{"dW2"}],
        ),
        "one gradient forgotten in the dictionary": (
            """
import numpy as np

def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    n = np.arange(len(y))
    h = np.clip(X @ W1 + b1, 0, None)
    s = h @ W2 + b2
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[n, y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    p[n, y] -= 1
    p /= len(y)
    dz = p @ W2.T * (h > 0)
    return loss, {"W1": X.T @ dz + 2 * reg * W1, "W2": h.T @ p + 2 * reg * W2, "b2": p.sum(0)}
""",
            [{"db1"}],
        ),
    },
    "three_layer_loss": {
        "masks inside of the products, first weights not regularized": (
            """
import numpy as np

def three_layer_loss(W1, W2, W3, X, y, reg):
    n = np.arange(len(y))
    a = np.maximum(X @ W1, 0)
    b = np.maximum(a @ W2, 0)
    s = b @ W3
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[n, y]).mean() + reg * sum(np.sum(W * W) for W in (W1, W2, W3))
    d = p.copy()
    d[n, y] -= 1
    d /= len(y)
    g3 = b.T @ d + 2 * reg * W3
    back = ((d @ W3.T) * (b > 0)) @ W2.T
    g2 = a.T @ ((d @ W3.T) * (b > 0)) + 2 * reg * W2
    return loss, X.T @ (back * (a > 0)), g2, g3
""",
            [{"dW1"}],
        ),
        "second hidden layer a table of booleans": (
            """
import numpy as np

def three_layer_loss(W1, W2, W3, X, y, reg):
    N = len(y)
    h1 = np.maximum(0, X @ W1)
    h2 = h1 @ W2 > 0
    scores = h2 @ W3
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(N), y]).mean() + reg * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW3 = h2.T @ dscores + 2 * reg * W3
    dz2 = dscores @ W3.T * h2
    dW2 = h1.T @ dz2 + 2 * reg * W2
    dz1 = dz2 @ W2.T * (h1 > 0)
    return loss, X.T @ dz1 + 2 * reg * W1, dW2, dW3
""",
            [{"h2"}],
        ),
    },
    "two_layer_svm_loss": {
        "margins kept as a flat vector, second weights not regularized": (
            """
import numpy as np

def two_layer_svm_loss(W1, W2, X, y, reg):
    n, C = len(y), W2.shape[1]
    h = np.maximum(0, X @ W1)
    s = h @ W2
    flat = np.maximum(0, s - s[np.arange(n), y][:, None] + 1).ravel()
    flat[np.arange(n) * C + y] = 0
    loss = flat.sum() / n + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    d = ((flat > 0) / n).reshape(n, C)
    d[np.arange(n), y] = -d.sum(axis=1)
    return loss, X.T @ ((d @ W2.T) * (h > 0)) + 2 * reg * W1, h.T @ d
""",
            [{"dW2"}],
        ),
    },
    "three_layer_forward": {
        "the input no column any more": (
            """
import numpy as np

def three_layer_forward(W1, b1, W2, b2, W3, b3, x):
    h1 = 1 / (1 + np.exp(-(W1 @ x.ravel() + b1)))
    h2 = 1 / (1 + np.exp(-(W2 @ h1 + b2)))
    out = W3 @ h2 + b3
    return out
""",
            [{"h1"}],
        ),
    },
    "neuron_tick": {
        "nothing summed in the cell body": (
            """
import numpy as np

def neuron_tick(inputs, weights, bias):
    cell_body_sum = inputs * weights + bias
    firing_rate = 1 / (1 + np.exp(-cell_body_sum))
    return firing_rate
""",
            [{"cell_body_sum"}],
        ),
    },
    "sigmoid_circuit": {
        "straight from the output, two inputs mixed up": (
            """
import numpy as np

def sigmoid_circuit(w0, x0, w1, x1, w2):
    s = w0 * x0 + w1 * x1 + w2
    L = 1 / (1 + np.exp(-s))
    g = L * (1 - L)
    return L, g * x0, g * w0, g * x1, g * x1, g
""",
            [{"grad_x1"}],
        ),
    },
    "affine_forward": {
        "rows as a list, no bias": (
            """
import numpy as np

def affine_forward(x, w, b):
    flat = [example.ravel() for example in x]
    out = np.stack([example @ w for example in flat])
    return out, (x, w, b)
""",
            [{"out"}],
        ),
    },
    "affine_backward": {
        "flat gradient, the other two right": (
            """
import numpy as np

def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.ravel(dout @ w.T)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(0)
""",
            [{"dx"}],
        ),
    },
    "elu_backward": {
        "slopes cut to integers": (
            """
import numpy as np

def elu_backward(dout, cache):
    x, alpha = cache
    slope = np.where(x >= 0, 1, alpha * np.exp(np.minimum(x, 0))).astype(int)
    dx = dout * slope
    return dx
""",
            [{"slope"}],
        ),
    },
    "maxout_backward": {
        "masks as numbers, last weights averaged": (
            """
import numpy as np

def maxout_backward(dout, cache):
    x, w1, w2, z1, z2 = cache
    one = (z1 > z2).astype(np.int8)
    dx = (dout * one) @ w1.T + (dout * (1 - one)) @ w2.T
    return dx, x.T @ (dout * one), (dout * one).sum(0), x.T @ (dout * (1 - one)) / len(x), (dout * (1 - one)).sum(0)
""",
            [{"dw2"}],
        ),
    },
    "relu_jacobian": {
        "only the diagonal": (
            """
import numpy as np

def relu_jacobian(x, dout):
    J = np.where(x > 0, 1.0, 0.0)
    dx_explicit = J * dout
    dx_implicit = np.where(x > 0, dout, 0)
    return J, dx_explicit, dx_implicit
""",
            [{"J"}],
        ),
    },
    "sgd_momentum": {
        "velocity a list": (
            """
import numpy as np

def sgd_momentum(w, dw, config):
    mu, rate = config.get("momentum", 0.9), config.get("learning_rate", 0.01)
    speed = mu * np.asarray(config.get("velocity", np.zeros_like(w))) - rate * dw
    return w + speed, {**config, "velocity": speed.tolist()}
""",
            [{"v"}],
        ),
    },
    "adam": {
        "moments in single precision, the second not corrected": (
            """
import numpy as np

def adam(w, dw, config):
    c = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": 0 * w, "v": 0 * w, "t": 0, **config}
    t = c["t"] + 1
    m = (c["beta1"] * c["m"] + (1 - c["beta1"]) * dw).astype(np.float32)
    v = (c["beta2"] * c["v"] + (1 - c["beta2"]) * dw * dw).astype(np.float32)
    m_hat = m / (1 - c["beta1"] ** t)
    next_w = w - c["learning_rate"] * m_hat / (np.sqrt(v) + c["epsilon"])
    return next_w, {**c, "m": m, "v": v, "t": t}
""",
            [{"v_hat"}],
        ),
    },
    "rmsprop": {
        "no average kept, only used": (
            """
import numpy as np

def rmsprop(w, dw, config):
    c = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w), **config}
    kept = c["decay_rate"] * c["cache"] + (1 - c["decay_rate"]) * dw * dw
    return w - c["learning_rate"] * dw / (np.sqrt(kept) + c["epsilon"]), {**c, "cache": None}
""",
            [{"cache"}],
        ),
    },
    "gradient_descent": {
        "the path a list, the last step forgotten": (
            """
import numpy as np

def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    path, losses = [weights], []
    for _ in range(num_steps):
        loss, grad = loss_fun(path[-1], data)
        losses.append(loss)
        path.append(path[-1] - step_size * grad)
    return np.array(losses), path[-2]
""",
            [{"final"}],
        ),
    },
    "train_two_layer_sigmoid": {
        "the losses a list": (
            """
import numpy as np

def train_two_layer_sigmoid(x, y, w1, w2, learning_rate, num_steps):
    losses = []
    for t in range(num_steps):
        h = 1 / (1 + np.exp(-(x @ w1)))
        miss = h @ w2 - y
        losses.append([np.sum(miss ** 2)])
        back = 2 * miss @ w2.T * h * (1 - h)
        w1, w2 = w1 - learning_rate * x.T @ back, w2 - learning_rate * 2 * h.T @ miss
    return losses, w1, w2
""",
            [{"losses"}],
        ),
    },
    "numerical_gradient": {
        "an array of integers to fill": (
            """
import numpy as np

def numerical_gradient(f, x, h):
    grad = np.zeros(x.shape, dtype=int)
    for index in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[index] = h
        grad[index] = (f(x + e) - f(x - e)) / (2 * h)
    return grad
""",
            [{"grad"}],
        ),
    },
    "polar_features": {
        "columns instead of vectors, the angle in degrees": (
            """
import numpy as np

def polar_features(X):
    x, y = X[:, [0]], X[:, [1]]
    r = np.hypot(x, y)
    theta = np.degrees(np.arctan2(y, x))
    return np.hstack([r, theta])
""",
            [{"theta"}],
        ),
    },
    "svm_loss": {
        "straight to the scores, a count in place of the share": (
            """
import numpy as np

def svm_loss(x, y):
    n = np.arange(len(y))
    m = np.maximum(0, x - x[n, y][:, None] + 1)
    m[n, y] = 0
    dx = (m > 0).astype(int)
    dx[n, y] = -dx.sum(axis=1)
    return m.sum() / len(y), dx
""",
            [{"dmargins"}, {"dx"}],
        ),
    },
}
