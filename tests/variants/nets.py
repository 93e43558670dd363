"""Submissions of whole nets, of training, and of the classes, in many hands."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "collapse_linear": {
        "columns": """
def collapse_linear(W1, W2, X):
    A, B = W1.T, W2.T
    return (B @ (A @ X.T)).T, (B @ A).T
""",
        "all three at once": """
import numpy as np

def collapse_linear(W1, W2, X):
    W3 = np.einsum("dh,hc->dc", W1, W2)
    return X @ W3, W3
""",
    },
    "polar_features": {
        "complex numbers": """
import numpy as np

def polar_features(X):
    z = X[:, 0] + 1j * X[:, 1]
    return np.column_stack((np.abs(z), np.angle(z)))
""",
        "point after point": """
import math
import numpy as np

def polar_features(X):
    return np.array([(math.hypot(a, b), math.atan2(b, a)) for a, b in X])
""",
        "filled in by columns": """
import numpy as np

def polar_features(X):
    x, y = X.T
    out = np.empty((len(X), 2))
    out[:, 0] = np.linalg.norm(X, axis=1)
    np.arctan2(y, x, out=out[:, 1])
    return out
""",
    },
    "two_layer_svm_loss": {
        "one hot": """
import numpy as np

def two_layer_svm_loss(W1, W2, X, y, reg):
    n = len(y)
    T = np.eye(W2.shape[1])[y]
    pre = X @ W1
    hid = pre * (pre > 0)
    s = hid @ W2
    over = np.maximum(s - (s * T).sum(1)[:, None] + 1, 0) * (1 - T)
    ind = np.sign(over)
    ind -= T * ind.sum(axis=1)[:, None]
    ds = ind / n
    dpre = (ds @ W2.T) * (pre > 0)
    L = over.sum() / n + reg * (W1 ** 2).sum() + reg * (W2 ** 2).sum()
    return L, X.T @ dpre + 2 * reg * W1, hid.T @ ds + 2 * reg * W2
""",
        "examples in columns": """
import numpy as np

def two_layer_svm_loss(W1, W2, X, y, reg):
    k = np.arange(X.shape[0])
    H = np.clip(W1.T @ X.T, 0, None)
    S = W2.T @ H
    M = S - S[y, k] + 1
    M[y, k] = 0
    G = (M > 0).astype(float)
    G[y, k] = -G.sum(0)
    G /= k.size
    back = W2 @ G
    back[H <= 0] = 0
    loss = M[M > 0].sum() / k.size
    loss += reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    return loss, (back @ X).T + 2 * reg * W1, H @ G.T + 2 * reg * W2
""",
        "layers that keep what they need": """
import numpy as np

class Linear:
    def __init__(self, W):
        self.W = W
    def __call__(self, x):
        self.x = x
        return x @ self.W
    def back(self, up):
        self.dW = self.x.T @ up
        return up @ self.W.T

class Relu:
    def __call__(self, x):
        self.on = x > 0
        return np.where(self.on, x, 0)
    def back(self, up):
        return np.where(self.on, up, 0)

# %%
def hinge(s, y):
    rows = np.arange(len(y))
    m = np.maximum(0, s - s[rows, y][:, None] + 1)
    m[rows, y] = 0
    d = np.where(m > 0, 1 / len(y), 0)
    d[rows, y] = -d.sum(axis=1)
    return m.sum(axis=1).mean(), d

# %%
def two_layer_svm_loss(W1, W2, X, y, reg):
    first, gate, second = net = Linear(W1), Relu(), Linear(W2)
    out = X
    for layer in net:
        out = layer(out)
    loss, up = hinge(out, y)
    for layer in reversed(net):
        up = layer.back(up)
    for layer in (first, second):
        loss += reg * np.sum(layer.W ** 2)
        layer.dW += 2 * reg * layer.W
    return loss, first.dW, second.dW
""",
    },
    "three_layer_loss": {
        "a loop over the layers": """
import numpy as np

def three_layer_loss(W1, W2, W3, X, y, reg):
    weights = [W1, W2, W3]
    acts = [X]
    for W in weights[:-1]:
        acts.append(np.maximum(acts[-1] @ W, 0))
    out = acts[-1] @ W3
    out = out - out.max(1, keepdims=True)
    p = np.exp(out)
    p /= p.sum(1, keepdims=True)
    n = np.arange(len(y))
    loss = -np.log(p[n, y]).mean() + reg * sum((W ** 2).sum() for W in weights)
    p[n, y] -= 1
    up = p / len(y)
    grads = []
    for W, a in zip(reversed(weights), reversed(acts)):
        grads.insert(0, a.T @ up + 2 * reg * W)
        up = (up @ W.T) * (a > 0)
    return loss, *grads
""",
        "log sum exp and examples in columns": """
import numpy as np

def three_layer_loss(W1, W2, W3, X, y, reg):
    m = X.shape[0]
    A = np.maximum(0, np.dot(W1.T, X.T))
    B = np.maximum(0, np.dot(W2.T, A))
    S = np.dot(W3.T, B)
    Z = np.logaddexp.reduce(S, axis=0)
    J = (Z - S[y, range(m)]).sum() / m
    D = np.exp(S - Z)
    D[y, range(m)] -= 1
    D = D / m
    DB = np.dot(W3, D) * (B > 0)
    DA = np.dot(W2, DB) * (A > 0)
    J += reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2) + np.sum(W3 ** 2))
    return J, np.dot(X.T, DA.T) + 2 * reg * W1, np.dot(A, DB.T) + 2 * reg * W2, np.dot(B, D.T) + 2 * reg * W3
""",
        "a tape of closures": """
import numpy as np

def three_layer_loss(W1, W2, W3, X, y, reg):
    tape = []

    def dense(x, W, relu):
        z = x @ W
        out = z * (z > 0) if relu else z

        def back(up):
            up = up * (z > 0) if relu else up
            return up @ W.T, x.T @ up + 2 * reg * W

        tape.append(back)
        return out

    s = dense(dense(dense(X, W1, True), W2, True), W3, False)
    onehot = np.zeros_like(s)
    onehot[np.arange(y.size), y] = 1
    shifted = s - np.max(s)
    logp = shifted - np.log(np.exp(shifted) @ np.ones((s.shape[1], 1)))
    loss = -np.sum(onehot * logp) / y.size
    for W in (W1, W2, W3):
        loss = loss + reg * np.linalg.norm(W, "fro") ** 2
    up, found = (np.exp(logp) - onehot) / y.size, []
    while tape:
        up, dW = tape.pop()(up)
        found = [dW] + found
    return (loss, *found)
""",
    },
    "three_layer_forward": {
        "a lambda for the activation": """
import numpy as np

def three_layer_forward(W1, b1, W2, b2, W3, b3, x):
    f = lambda v: 1.0 / (1.0 + np.exp(-v))
    h1 = f(np.dot(W1, x) + b1)
    h2 = f(np.dot(W2, h1) + b2)
    return np.dot(W3, h2) + b3
""",
        "rows instead of columns": """
import numpy as np
from functools import reduce

def three_layer_forward(W1, b1, W2, b2, W3, b3, x):
    step = lambda a, layer: (1 + np.tanh((a @ layer[0].T + layer[1].T) / 2)) / 2
    hidden = reduce(step, [(W1, b1), (W2, b2)], x.T)
    return (hidden @ W3.T + b3.T).T
""",
        "matrices of the old kind": """
import numpy as np

def three_layer_forward(W1, b1, W2, b2, W3, b3, x):
    M = np.asmatrix
    a = M(W1) * M(x) + b1
    a = 1 / (1 + np.exp(-a))
    a = M(W2) * a + b2
    a = 1 / (1 + np.exp(-a))
    return M(W3) * a + b3
""",
    },
    "train_two_layer_sigmoid": {
        "copies stepped in place": """
import numpy as np

def train_two_layer_sigmoid(x, y, w1, w2, learning_rate, num_steps):
    a, b = w1.copy(), w2.copy()
    history = []
    for step in range(num_steps):
        h = 1 / (1 + np.exp(-x.dot(a)))
        err = h.dot(b) - y
        history.append((err ** 2).sum())
        gb = 2 * h.T.dot(err)
        ga = x.T.dot(2 * err.dot(b.T) * h * (1 - h))
        a -= learning_rate * ga
        b -= learning_rate * gb
    return np.array(history), a, b
""",
        "a model with two methods": """
import numpy as np

class Model:
    def __init__(self, *weights):
        self.first, self.second = (np.array(w) for w in weights)

    def forward(self, x):
        self.x = x
        self.h = np.reciprocal(1 + np.exp(-(x @ self.first)))
        return self.h @ self.second

    def backward(self, up):
        inner = (up @ self.second.T) * (self.h - self.h ** 2)
        return self.x.T @ inner, self.h.T @ up

# %%
def train_two_layer_sigmoid(x, y, w1, w2, learning_rate, num_steps):
    model, losses = Model(w1, w2), np.empty(num_steps)
    for t in range(num_steps):
        miss = model.forward(x) - y
        losses[t] = np.vdot(miss, miss)
        d1, d2 = model.backward(2 * miss)
        model.first, model.second = model.first - learning_rate * d1, model.second - learning_rate * d2
    return losses, model.first, model.second
""",
    },
    "Multiply": {
        "values kept as attributes of the context": """
class Multiply:
    @staticmethod
    def forward(ctx, x, y):
        ctx.x, ctx.y = x, y
        return x * y

    @staticmethod
    def backward(ctx, grad_z):
        return grad_z * ctx.y, grad_z * ctx.x
""",
        "saved the other way round, in one tuple": """
class Multiply:
    @classmethod
    def forward(cls, ctx, x, y):
        ctx.save_for_backward((y, x))
        return y * x

    @classmethod
    def backward(cls, ctx, grad_z):
        (pair,) = ctx.saved_tensors
        return tuple(grad_z * other for other in pair)
""",
    },
    "SigmoidGate": {
        "through tanh, kept under another name": """
import numpy as np

class SigmoidGate(Gate):
    def forward(self, x):
        self._s = 0.5 + 0.5 * np.tanh(0.5 * x)
        return self._s

    def backward(self, dout):
        s = self._s
        return [s * (1 - s) * dout]
""",
        "the input kept": """
import numpy as np

def sigma(t):
    return 1 / (1 + np.exp(-t))

# %%
class SigmoidGate(Gate):
    def forward(self, x):
        self.x = x
        return sigma(x)

    def backward(self, dout):
        return (dout * sigma(self.x) * sigma(-self.x),)
""",
        "methods given to the class afterwards": """
class SigmoidGate(Gate):
    pass

# %%
def forward(self, x):
    self.out = 1 / (1 + np.exp(-x))
    return self.out

SigmoidGate.forward = forward

# %%
def backward(self, dout):
    return (dout * self.out * (1 - self.out),)

SigmoidGate.backward = backward
""",
    },
    "ComputationalGraph": {
        "nodes whose inputs are there come first": """
import numpy as np

class ComputationalGraph:
    def __init__(self, nodes, loss):
        self.nodes, self.loss = nodes, loss

    def nodes_topologically_sorted(self, inputs):
        known, order, left = set(inputs), [], dict(self.nodes)
        while left:
            ready = [n for n, gate in left.items() if known.issuperset(gate.inputs)]
            if not ready:
                for gate in left.values():
                    for read in gate.inputs:
                        if read not in known and read not in self.nodes:
                            raise ValueError(f"unknown input {read}")
                raise ValueError("a cycle: " + " ".join(left))
            for n in ready:
                order.append(n)
                known.add(n)
                del left[n]
        return order

    def forward(self, inputs):
        self.known = {**inputs}
        self.sequence = self.nodes_topologically_sorted(inputs)
        for n in self.sequence:
            self.known[n] = self.nodes[n].forward(*[self.known[i] for i in self.nodes[n].inputs])
        return self.known[self.loss]

    def backward(self):
        total = dict.fromkeys(self.known, 0.0)
        total[self.loss] = 1.0
        touched = {self.loss}
        for n in self.sequence[::-1]:
            if n in touched:
                for i, g in zip(self.nodes[n].inputs, self.nodes[n].backward(total[n])):
                    total[i] = total[i] + g
                    touched.add(i)
        return {n: total[n] for n in touched}
""",
        "the sorter of the standard library": """
from collections import defaultdict
from graphlib import TopologicalSorter

class ComputationalGraph:
    def __init__(self, nodes, loss):
        self.nodes = nodes
        self.loss = loss

    def nodes_topologically_sorted(self, inputs):
        for gate in self.nodes.values():
            lost = [name for name in gate.inputs if name not in inputs and name not in self.nodes]
            if lost:
                raise ValueError("not provided: " + ", ".join(lost))
        after = {name: gate.inputs for name, gate in self.nodes.items()}
        return [name for name in TopologicalSorter(after).static_order() if name in self.nodes]

    def forward(self, inputs):
        values = dict(inputs)
        for name in self.nodes_topologically_sorted(inputs):
            values[name] = self.nodes[name].forward(*map(values.get, self.nodes[name].inputs))
        self.values = values
        return values[self.loss]

    def backward(self):
        grads = defaultdict(float, {self.loss: 1.0})
        names = [name for name in self.values if name in self.nodes]
        for name in reversed(names):
            if name in grads:
                gate = self.nodes[name]
                for read, g in zip(gate.inputs, gate.backward(grads[name])):
                    grads[read] += g
        return grads
""",
    },
    "TwoLayerNet": {
        "parameters stepped in place": """
import numpy as np

class TwoLayerNet(object):
    def __init__(self, params, loss_fun):
        self.params = {}
        for k in params:
            self.params[k] = np.array(params[k])
        self.loss_fun = loss_fun

    def loss(self, X, y, reg):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        return self.loss_fun(W1, b1, W2, b2, X, y, reg)

    def train(self, X, y, batches, learning_rate, learning_rate_decay, reg):
        history = []
        for rows in batches:
            value, grads = self.loss(X[rows], y[rows], reg)
            history.append(value)
            for k in grads:
                self.params[k] -= learning_rate * grads[k]
            learning_rate *= learning_rate_decay
        return np.array(history)

    def predict(self, X):
        hidden = X.dot(self.params["W1"]) + self.params["b1"]
        hidden[hidden < 0] = 0
        return np.argmax(hidden.dot(self.params["W2"]) + self.params["b2"], axis=1)
""",
        "a base class and a rate for each step": """
import numpy as np

class Net:
    def __init__(self, params, loss_fun):
        self.params, self.loss_fun = {k: v.copy() for k, v in params.items()}, loss_fun

    def step(self, grads, rate):
        self.params = {k: v - rate * grads[k] for k, v in self.params.items()}

# %%
class TwoLayerNet(Net):
    def loss(self, X, y, reg):
        return self.loss_fun(X=X, y=y, reg=reg, **self.params)

    def train(self, X, y, batches, learning_rate, learning_rate_decay, reg):
        losses = np.zeros(len(batches))
        for t, (rows, rate) in enumerate(zip(batches, learning_rate * learning_rate_decay ** np.arange(len(batches)))):
            losses[t], grads = self.loss(np.take(X, rows, axis=0), np.take(y, rows), reg)
            self.step(grads, rate)
        return losses

    def predict(self, X):
        W1, b1, W2, b2 = map(self.params.__getitem__, ["W1", "b1", "W2", "b2"])
        return np.array([int(np.argmax(np.maximum(x @ W1 + b1, 0) @ W2 + b2)) for x in X])
""",
    },
}
