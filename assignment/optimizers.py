# Made by `grader build` from solutions/optimizers.py. Replace each `...`; the comment says which shape belongs there.
"""Update rules: SGD, SGD with momentum, RMSprop, Adam. CS231n's convention: (w, dw, config) -> next_w, config.

What a rule must remember travels in config from step to step. Lecture 4, "Last time: fancy optimizers"."""

import numpy as np


def sgd(w, dw, config):
    """Plain stochastic gradient descent.

    Args:
        w: (d_1, ..., d_k) parameters
        dw: (d_1, ..., d_k) gradient of the loss
        config: dict with learning_rate (default 0.01)

    Returns:
        next_w: (d_1, ..., d_k) parameters after the step
        config: dict for the next step

    Source: lecture 4, optimizers.
    """
    config = {"learning_rate": 1e-2, **config}

    # forward pass
    step = ...    # (d_1, ..., d_k) what is taken away [1]
    next_w = ...  # (d_1, ..., d_k) parameters after the step [1]
    return next_w, config


def sgd_momentum(w, dw, config):
    """SGD with momentum: the velocity is a decaying sum of past steps downhill, and is added to the parameters.

    v = momentum * v - learning_rate * dw; then w moves by v.

    Args:
        w: (d_1, ..., d_k) parameters
        dw: (d_1, ..., d_k) gradient of the loss
        config: dict with learning_rate (default 0.01), momentum (0.9), velocity (of the shape of w, zeros at first)

    Returns:
        next_w: (d_1, ..., d_k) parameters after the step
        config: dict for the next step, with the new velocity

    Source: lecture 4, optimizers; CS231n notes, momentum update.
    """
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w), **config}

    # forward pass
    v = ...       # (d_1, ..., d_k) new velocity [2]
    next_w = ...  # (d_1, ..., d_k) parameters after the step [1]
    next_config = {**config, "velocity": v}
    return next_w, next_config


def rmsprop(w, dw, config):
    """RMSprop: each parameter's step is divided by the root of a moving average of its squared gradients.

    Args:
        w: (d_1, ..., d_k) parameters
        dw: (d_1, ..., d_k) gradient of the loss
        config: dict with learning_rate (default 0.01), decay_rate (0.99), epsilon (1e-8, added to the root),
            cache (moving average, of the shape of w, zeros at first)

    Returns:
        next_w: (d_1, ..., d_k) parameters after the step
        config: dict for the next step, with the new cache

    Source: lecture 4, optimizers; CS231n notes, per-parameter adaptive learning rates.
    """
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w), **config}
    decay = config["decay_rate"]

    # forward pass
    cache = ...   # (d_1, ..., d_k) moving average of squares [2]
    next_w = ...  # (d_1, ..., d_k) parameters after the step [2]
    next_config = {**config, "cache": cache}
    return next_w, next_config


def adam(w, dw, config):
    """Adam: momentum and RMSprop together, with both moving averages corrected for their start at zero.

    t counts the steps and is raised first, so that it is 1 in the first step; the corrections use the new t.

    Args:
        w: (d_1, ..., d_k) parameters
        dw: (d_1, ..., d_k) gradient of the loss
        config: dict with learning_rate (default 0.001), beta1 (0.9), beta2 (0.999), epsilon (1e-8, added to the root),
            m and v (moving averages of gradients and of their squares, zeros at first), t (steps so far, 0 at first)

    Returns:
        next_w: (d_1, ..., d_k) parameters after the step
        config: dict for the next step, with the new m, v and t

    Source: Kingma and Ba, Adam, 2015; lecture 4, optimizers.
    """
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0, **config}
    beta1, beta2 = config["beta1"], config["beta2"]

    # forward pass
    t = ...       # () number of this step, from 1 [1]
    m = ...       # (d_1, ..., d_k) moving average of gradients [1]
    v = ...       # (d_1, ..., d_k) moving average of squares [1]
    m_hat = ...   # (d_1, ..., d_k) m, corrected for its start [1]
    v_hat = ...   # (d_1, ..., d_k) v, corrected for its start [1]
    next_w = ...  # (d_1, ..., d_k) parameters after the step [2]
    next_config = {**config, "m": m, "v": v, "t": t}
    return next_w, next_config
