"""Update rules: SGD, SGD with momentum, RMSprop, Adam. CS231n's convention: (w, dw, config) -> next_w, config.

What a rule must remember travels in config from step to step. Lecture 4, "Last time: fancy optimizers".
"""

import numpy as np

from grader.exercise import Mistake


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
    step = config["learning_rate"] * dw   # (d_1, ..., d_k) what is taken away [1]
    next_w = w - step                     # (d_1, ..., d_k) parameters after the step [1]
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
    v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw   # (d_1, ..., d_k) new velocity [2]
    next_w = w + v                                                               # (d_1, ..., d_k) parameters after the step [1]
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
    cache = decay * config["cache"] + (1 - decay) * dw * dw                             # (d_1, ..., d_k) moving average of squares [2]
    next_w = w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"])    # (d_1, ..., d_k) parameters after the step [2]
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
    t = config["t"] + 1                                           # () number of this step, from 1 [1]
    m = beta1 * config["m"] + (1 - beta1) * dw                    # (d_1, ..., d_k) moving average of gradients [1]
    v = beta2 * config["v"] + (1 - beta2) * dw * dw               # (d_1, ..., d_k) moving average of squares [1]
    m_hat = m / (1 - beta1**t)                                    # (d_1, ..., d_k) m, corrected for its start [1]
    v_hat = v / (1 - beta2**t)                                    # (d_1, ..., d_k) v, corrected for its start [1]
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])   # (d_1, ..., d_k) parameters after the step [2]
    next_config = {**config, "m": m, "v": v, "t": t}
    return next_w, next_config


def cases(rng):
    """Steps with the state that earlier ones leave: none at first, then averages that have grown."""
    for step, shape in ((1, (5, 3)), (2, (4,)), (3, (1, 6)), (4, (2, 3, 2)), (10, (7, 2))):
        w, dw = rng.standard_normal(shape), rng.standard_normal(shape)
        config = {"learning_rate": 0.05 * step}
        if step > 1:
            config |= {"velocity": 0.1 * rng.standard_normal(shape), "cache": rng.uniform(0.1, 2, shape)}
            config |= {"m": 0.3 * rng.standard_normal(shape), "v": rng.uniform(0.1, 2, shape), "t": step - 1}
        if step % 2:
            config |= {"momentum": 0.7, "decay_rate": 0.9, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
        state = "no state yet" if step == 1 else f"the state of {step - 1} step(s) before"
        yield f"step {step}: {state}", {"w": w, "dw": dw, "config": config}


def _slips(of, *slips):
    return [Mistake(name, of=of, stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = [
    *_slips(
        "sgd",
        ("rate-forgotten", "step", "step = 1.0 * dw", "How far is a step?"),
        ("normalized", "step", "step = config['learning_rate'] * dw / np.sqrt(np.sum(dw * dw))", "Is the gradient's length to be lost?"),
        ("sign-of-the-gradient-only", "step", "step = config['learning_rate'] * np.sign(dw)", "Is the gradient's size to be lost?"),
        ("uphill", "next_w", "next_w = w + step", "In which direction does the loss fall?"),
        ("weights-forgotten", "next_w", "next_w = -step", "From where does the step start?"),
    ),
    *_slips(
        "sgd_momentum",
        ("velocity-forgotten", "v", "v = -config['learning_rate'] * dw", "What is left of the step before?"),
        ("sign-of-the-gradient", "v", "v = config['momentum'] * config['velocity'] + config['learning_rate'] * dw", "Which sign has a step downhill?"),
        ("averaged", "v", "v = config['momentum'] * config['velocity'] - (1 - config['momentum']) * config['learning_rate'] * dw", "Is this a moving average?"),
        ("rate-on-the-velocity", "v", "v = config['learning_rate'] * (config['momentum'] * config['velocity'] - dw)", "What does the learning rate multiply?"),
        ("momentum-forgotten", "v", "v = config['velocity'] - config['learning_rate'] * dw", "Does the velocity decay?"),
        ("rate-and-sign-left-to-the-step", "v", "v = config['momentum'] * config['velocity'] + dw", "That is the form w -= learning_rate * v: which one is asked for, and which velocity is handed on?"),
        ("rate-and-sign-applied-in-the-step", "next_w", "next_w = w - config['learning_rate'] * v", "In the form that is asked for, the velocity holds the rate and the sign already."),
        ("velocity-subtracted", "next_w", "next_w = w - v", "The velocity points downhill already."),
        ("looks-ahead", "next_w", "next_w = w - config['momentum'] * config['velocity'] + (1 + config['momentum']) * v", "That is Nesterov's momentum: which of the two is asked for?"),
        ("plain-step", "next_w", "next_w = w - config['learning_rate'] * dw", "What moves the parameters?"),
    ),
    *_slips(
        "rmsprop",
        ("not-squared", "cache", "cache = decay * config['cache'] + (1 - decay) * np.abs(dw)", "An average of what?"),
        ("decay-the-wrong-way-round", "cache", "cache = (1 - decay) * config['cache'] + decay * dw * dw", "Which of the two should weigh more?"),
        ("summed-without-decay", "cache", "cache = config['cache'] + dw * dw", "That is Adagrad: does nothing decay?"),
        ("learning-rate-instead-of-decay", "cache", "cache = decay * config['cache'] + config['learning_rate'] * dw * dw", "Do the two weights of the average add up to 1?"),
        ("old-average-lost", "cache", "cache = (1 - decay) * dw * dw", "What is remembered?"),
        ("root-forgotten", "next_w", "next_w = w - config['learning_rate'] * dw / (cache + config['epsilon'])", "What is the step divided by?"),
        ("epsilon-in-the-root", "next_w", "next_w = w - config['learning_rate'] * dw / np.sqrt(cache + config['epsilon'])", "Where is epsilon added?"),
        ("uphill", "next_w", "next_w = w + config['learning_rate'] * dw / (np.sqrt(cache) + config['epsilon'])", "In which direction does the loss fall?"),
    ),
    *_slips(
        "adam",
        ("t-not-raised", "t", "t = max(config['t'], 1)", "Which step is this one?"),
        ("decay-the-wrong-way-round-m", "m", "m = (1 - beta1) * config['m'] + beta1 * dw", "Which of the two should weigh more?"),
        ("betas-swapped", "m", "m = beta2 * config['m'] + (1 - beta2) * dw", "Which beta belongs to which average?"),
        ("not-squared", "v", "v = beta2 * config['v'] + (1 - beta2) * np.abs(dw)", "An average of what?"),
        ("old-average-lost", "v", "v = (1 - beta2) * dw * dw", "What is remembered?"),
        ("correction-with-the-old-t", "m_hat", "m_hat = m / (1 - beta1 ** max(t - 1, 1))", "Is t raised before the corrections or after them?"),
        ("correction-of-m-missing", "m_hat", "m_hat = 1.0 * m", "How small is m in the first step, and why?"),
        ("correction-without-t", "v_hat", "v_hat = v / (1 - beta2)", "Does the correction fade with the steps?"),
        ("correction-of-v-missing", "v_hat", "v_hat = 1.0 * v", "How small is v in the first step, and why?"),
        ("corrections-missing", "next_w", "next_w = w - config['learning_rate'] * m / (np.sqrt(v) + config['epsilon'])", "What are the corrected averages for?"),
        ("corrections-with-the-old-t", "next_w", "next_w = w - config['learning_rate'] * m / (1 - beta1 ** (t - 1.0)) / (np.sqrt(v / (1 - beta2 ** (t - 1.0))) + config['epsilon'])", "Is t raised before the corrections or after them?"),
        ("averages-swapped", "next_w", "next_w = w - config['learning_rate'] * v_hat / (np.sqrt(np.abs(m_hat)) + config['epsilon'])", "Which of the two gives the direction?"),
        ("root-forgotten", "next_w", "next_w = w - config['learning_rate'] * m_hat / (v_hat + config['epsilon'])", "What is the step divided by?"),
        ("epsilon-in-the-root", "next_w", "next_w = w - config['learning_rate'] * m_hat / np.sqrt(v_hat + config['epsilon'])", "Where is epsilon added?"),
    ),
]
