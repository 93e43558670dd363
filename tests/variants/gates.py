"""Submissions of the gates and of the single neuron, in many hands."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "multiply_add": {
        "one return line": """
def multiply_add(x, y, z):
    return (x + y) * z, z, z, x + y
""",
        "distributed and every gradient copied": """
import numpy as np

def multiply_add(x, y, z):
    xz, yz = np.multiply(x, z), np.multiply(y, z)
    f = np.add(xz, yz)
    dxz = dyz = np.ones_like(f)
    dx = dxz * z
    dy = dyz * z
    dz = dxz * x
    dz = dz + dyz * y
    return [f, dx, dy, dz]
""",
        "a class that remembers": """
import numpy as np

class Plus:
    def __call__(self, a, b):
        return a + b
    def back(self, up):
        return up, up

class Times:
    def __call__(self, a, b):
        self.a, self.b = np.copy(a), np.copy(b)
        return a * b
    def back(self, up):
        return up * self.b, up * self.a

# %%
plus, times = Plus(), Times()

# %%
def multiply_add(x, y, z):
    out = times(plus(x, y), z)
    dsum, dz = times.back(1.0)
    dx, dy = plus.back(dsum)
    return out, dx, dy, dz
""",
    },
    "sigmoid_circuit": {
        "a dot product and one local gradient": """
import numpy as np

def sigmoid_circuit(w0, x0, w1, x1, w2):
    w, v = np.array([w0, w1, w2], dtype=float), np.array([x0, x1, 1.0], dtype=float)
    a = 1 / (1 + np.exp(-np.dot(w, v)))
    slope = a * (1 - a)
    dw, dv = slope * v, slope * w
    return a, dw[0], dv[0], dw[1], dv[1], dw[2]
""",
        "the sigmoid taken apart": """
from math import exp

def sigmoid_circuit(w0, x0, w1, x1, w2):
    p = w0 * x0
    q = w1 * x1
    t = p + q + w2
    neg = -t
    e = exp(neg)
    den = 1 + e
    L = 1 / den
    dden = -1 / den ** 2
    de = dden
    dneg = de * e
    dt = -dneg
    return L, dt * x0, dt * w0, dt * x1, dt * w1, dt
""",
        "helpers as lambdas in a cell above": """
import numpy as np
squash = lambda s: 0.5 * (1 + np.tanh(s / 2))
local = lambda out: out - out ** 2

# %%
def sigmoid_circuit(w0, x0, w1, x1, w2):
    L = squash(w2 + w0 * x0 + w1 * x1)
    g = local(L)
    grads = {name: g * factor for name, factor in zip("abcd", (x0, w0, x1, w1))}
    return (L, *grads.values(), g)
""",
    },
    "add_gate": {
        "gradients times one": """
import numpy as np

def add_gate(x, y, dout):
    local = np.ones(np.shape(x))
    out = np.sum([x, y], axis=0)
    return out, dout * local, dout * local
""",
        "copies in place": """
import numpy as np

def add_gate(x, y, dout):
    out = np.array(x, dtype=float)
    out += y
    dx = np.empty_like(out)
    dx[...] = dout
    return out, dx, dx.copy()
""",
    },
    "multiply_gate": {
        "cached in a tuple": """
def forward(a, b):
    return a * b, (a, b)

def backward(up, kept):
    a, b = kept
    return b * up, a * up

def multiply_gate(x, y, dout):
    out, cache = forward(x, y)
    dx, dy = backward(dout, cache)
    return out, dx, dy
""",
        "einsum over every entry": """
import numpy as np

def multiply_gate(x, y, dout):
    pair = lambda a, b: np.einsum("...,...->...", a, b)
    return pair(x, y), pair(dout, y), pair(dout, x)
""",
    },
    "copy_gate": {
        "a generator of copies": """
import numpy as np

def copies(value, how_many):
    for _ in range(how_many):
        yield np.copy(value)

def copy_gate(x, dout1, dout2):
    first, second = copies(x, 2)
    back = np.zeros(np.shape(x))
    for up in (dout1, dout2):
        back = back + up
    return first, second, back
""",
        "stacked and summed": """
import numpy as np

def copy_gate(x, dout1, dout2):
    out = np.broadcast_to(x, (2,) + np.shape(x))
    return out[0], out[1], np.stack((dout1, dout2)).sum(axis=0)
""",
    },
    "max_gate": {
        "a mask and its complement": """
import numpy as np

def max_gate(x, y, dout):
    winner = x > y
    out = np.where(winner, x, y)
    dx = np.where(winner, dout, 0)
    dy = np.where(winner, 0, dout)
    return out, dx, dy
""",
        "with the absolute difference": """
import numpy as np

def max_gate(x, y, dout):
    d = x - y
    out = (x + y + np.abs(d)) / 2
    share = (1 + np.sign(d)) / 2
    dx = share * dout
    dy = dout - dx
    return out, dx, dy
""",
        "booleans as numbers": """
import numpy as np

def max_gate(x, y, dout):
    out = np.maximum(x, y)
    return out, dout * (out == x), dout * ~(out == x)
""",
    },
    "sigmoid_gate": {
        "two branches for the sign": """
import numpy as np

def stable(t):
    t = np.asarray(t, dtype=float)
    s = np.empty_like(t)
    pos = t >= 0
    s[pos] = 1 / (1 + np.exp(-t[pos]))
    e = np.exp(t[~pos])
    s[~pos] = e / (1 + e)
    return s

def sigmoid_gate(x, dout):
    s = stable(x)
    return s, (s - s * s) * dout
""",
        "log add exp": """
import numpy as np

def sigmoid_gate(x, dout):
    out = np.exp(-np.logaddexp(0, -x))
    other = np.exp(-np.logaddexp(0, x))
    dx = dout * out * other
    return out, dx
""",
    },
    "neuron_tick": {
        "a dot product": """
import numpy as np

def neuron_tick(inputs, weights, bias):
    z = weights @ inputs + bias
    return 1 / (1 + np.exp(-z))
""",
        "one dendrite after the other": """
import math

def neuron_tick(inputs, weights, bias):
    collected = bias
    for strength, signal in zip(weights, inputs):
        collected += strength * signal
    return 1.0 / (1.0 + math.exp(-collected))
""",
        "the bias as one more input": """
import numpy as np

def neuron_tick(inputs, weights, bias):
    v = np.append(inputs, 1.0)
    w = np.append(weights, bias)
    return (lambda s: np.reciprocal(1 + np.exp(-s)))(np.sum(v * w, keepdims=True))
""",
    },
}
