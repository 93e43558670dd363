"""Submissions of the update rules and of the learning-rate schedules, in many hands."""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "sgd": {
        "in place on a copy": """
def sgd(w, dw, config):
    lr = config.get("learning_rate", 1e-2)
    w = w.copy()
    w -= lr * dw
    return w, config
""",
        "setdefault and the weights changed in place": """
def sgd(w, dw, config):
    config.setdefault("learning_rate", 0.01)
    w += -config["learning_rate"] * dw
    return w, config
""",
        "keyword defaults of a helper": """
import numpy as np

def downhill(at, slope, *, learning_rate=0.01, **_):
    return np.subtract(at, np.multiply(slope, learning_rate))

def sgd(w, dw, config=None):
    return downhill(w, dw, **(config or {})), config
""",
    },
    "sgd_momentum": {
        "velocity fetched with get": """
import numpy as np

def sgd_momentum(w, dw, config):
    mu, lr = config.get("momentum", 0.9), config.get("learning_rate", 1e-2)
    velocity = config.get("velocity", np.zeros(w.shape))
    velocity = mu * velocity - lr * dw
    config["velocity"] = velocity
    return w + velocity, config
""",
        "the step taken uphill and subtracted": """
import numpy as np

DEFAULTS = dict(learning_rate=0.01, momentum=0.9)

# %%
def sgd_momentum(w, dw, config):
    c = DEFAULTS | config
    old = c.pop("velocity", None)
    back = c["learning_rate"] * dw
    if old is not None:
        back = back - c["momentum"] * old
    return w - back, {**c, "velocity": -back}
""",
        "velocity in place": """
import numpy as np

def sgd_momentum(w, dw, config):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.setdefault("velocity", np.zeros_like(w))
    v *= config["momentum"]
    v -= config["learning_rate"] * dw
    next_w = w.copy()
    next_w += v
    return next_w, config
""",
    },
    "rmsprop": {
        "a closure for the average": """
import numpy as np

def moving(rate):
    def step(old, new):
        return rate * old + (1 - rate) * new
    return step

def rmsprop(w, dw, config):
    lr = config.get("learning_rate", 1e-2)
    eps = config.get("epsilon", 1e-8)
    seen = moving(config.get("decay_rate", 0.99))(config.get("cache", 0.0), dw ** 2)
    config["cache"] = seen
    return w - lr * dw / (np.sqrt(seen) + eps), config
""",
        "the average moved by a part of the difference": """
import numpy as np

def rmsprop(w, dw, config):
    settings = {"learning_rate": 0.01, "decay_rate": 0.99, "epsilon": 1e-8}
    settings.update(config)
    mean_sq = settings["cache"] if "cache" in settings else np.zeros_like(dw)
    mean_sq = mean_sq + (1 - settings["decay_rate"]) * (np.square(dw) - mean_sq)
    scale = settings["learning_rate"] / (mean_sq ** 0.5 + settings["epsilon"])
    settings["cache"] = mean_sq
    return w - scale * dw, settings
""",
        "everything unpacked from a generator": """
import numpy as np

def rmsprop(w, dw, config):
    known = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)}
    rate, rho, tiny, kept = (config.get(key, value) for key, value in known.items())
    kept = rho * kept
    kept += (1 - rho) * dw * dw
    denominator = np.sqrt(kept)
    denominator += tiny
    return w - rate * (dw / denominator), dict(config, cache=kept)
""",
    },
    "adam": {
        "the corrections folded into the rate": """
import numpy as np

def adam(w, dw, config):
    c = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": 0, "v": 0, "t": 0}
    c.update(config)
    c["t"] += 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw ** 2
    root = np.sqrt(1 - c["beta2"] ** c["t"])
    rate = c["learning_rate"] * root / (1 - c["beta1"] ** c["t"])
    return w - rate * c["m"] / (np.sqrt(c["v"]) + c["epsilon"] * root), c
""",
        "state changed in place": """
import numpy as np

def adam(w, dw, config):
    for key, value in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8),
                       ("m", np.zeros_like(w)), ("v", np.zeros_like(w)), ("t", 0)):
        config.setdefault(key, value)
    config["t"] += 1
    m, v = config["m"], config["v"]
    m *= config["beta1"]
    m += (1 - config["beta1"]) * dw
    v *= config["beta2"]
    v += (1 - config["beta2"]) * dw * dw
    mt = m / (1 - np.power(config["beta1"], config["t"]))
    vt = v / (1 - np.power(config["beta2"], config["t"]))
    w = w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])
    return w, config
""",
        "one class for both averages": """
import numpy as np

class Average:
    def __init__(self, beta, value):
        self.beta, self.value = beta, value

    def update(self, new):
        self.value = self.beta * self.value + (1 - self.beta) * new
        return self

    def unbiased(self, steps):
        return self.value / (1 - self.beta ** steps)

# %%
def adam(w, dw, config):
    n = config.get("t", 0) + 1
    first = Average(config.get("beta1", 0.9), config.get("m", 0.0 * w)).update(dw)
    second = Average(config.get("beta2", 0.999), config.get("v", 0.0 * w)).update(dw * dw)
    move = first.unbiased(n) / (config.get("epsilon", 1e-8) + np.sqrt(second.unbiased(n)))
    new = dict(config)
    new.update(m=first.value, v=second.value, t=n)
    return w - config.get("learning_rate", 1e-3) * move, new
""",
    },
    "step_decay": {
        "counted with searchsorted": """
import numpy as np

EDGES = [30, 60, 90]

# %%
def step_decay(alpha0, t):
    return alpha0 / 10.0 ** np.searchsorted(EDGES, t, side="right")
""",
        "a list of branches": """
import numpy as np

def step_decay(alpha0, t):
    def one(epoch):
        if epoch < 30:
            return alpha0
        if epoch < 60:
            return alpha0 * 0.1
        return alpha0 * (0.01 if epoch < 90 else 0.001)
    return np.array([one(e) for e in t])
""",
        "lowered again and again in place": """
import numpy as np

def step_decay(alpha0, t):
    rate = np.full(t.shape, float(alpha0))
    for edge in 30, 60, 90:
        rate[t >= edge] *= 0.1
    return rate
""",
        "select": """
import numpy as np

def step_decay(alpha0, t):
    factor = np.select([t >= 90, t >= 60, t >= 30], [1e-3, 1e-2, 1e-1], default=1.0)
    return factor * alpha0
""",
    },
    "cosine_decay": {
        "the half angle": """
import numpy as np

def cosine_decay(alpha0, t, T):
    return alpha0 * np.cos(np.pi * t / (2 * T)) ** 2
""",
        "from an iterator": """
import math
import numpy as np

def cosine_decay(alpha0, t, T):
    return np.fromiter((alpha0 / 2 * (1 + math.cos(math.pi * e / T)) for e in t), dtype=float, count=len(t))
""",
    },
    "linear_decay": {
        "what is left over the total": """
def linear_decay(alpha0, t, T):
    return alpha0 * (T - t) / T
""",
        "interpolated": """
import numpy as np

def linear_decay(alpha0, t, T):
    return np.interp(t, [0, T], [alpha0, 0.0])
""",
    },
    "inverse_sqrt_decay": {
        "a power": """
def inverse_sqrt_decay(alpha0, t):
    return alpha0 * t ** -0.5
""",
        "one square root each": """
import numpy as np
from math import sqrt

def inverse_sqrt_decay(alpha0, t):
    alpha = np.zeros(len(t))
    for i, epoch in enumerate(t):
        alpha[i] = alpha0 / sqrt(epoch)
    return alpha
""",
    },
}
