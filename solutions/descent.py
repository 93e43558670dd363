"""Gradient descent: vanilla, and on minibatches.

Lecture 4, "Vanilla gradient descent" and "Vanilla minibatch gradient descent".
"""

import numpy as np

from grader.exercise import Made, Mistake


def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    """Vanilla gradient descent: `num_steps` times evaluate the gradient on all data and step against it.

    The weights that are passed in must stay as they were: work on a copy.

    Args:
        loss_fun: function (weights, data) -> loss, gradient
        data: (N, D) all examples
        weights: (D,) where to start
        step_size: () learning rate
        num_steps: () number of steps, T

    Returns:
        losses: (T,) the loss before each step
        weights_out: (D,) the weights after the last step

    Source: lecture 4, vanilla gradient descent.
    """
    # forward pass
    losses = np.zeros(num_steps)     # (T,) loss before each step [2]
    weights_out = weights.copy()     # (D,) weights after the last step [3]
    for t in range(num_steps):
        losses[t], weights_grad = loss_fun(weights_out, data)
        weights_out = weights_out - step_size * weights_grad
    return losses, weights_out


def minibatch_sgd(loss_fun, X, y, weights, step_size, num_steps, batch_size, rng):
    """Vanilla minibatch gradient descent: the same on a few examples at a time, drawn anew for every step.

    Every step draws the indices of its examples with `rng.choice(N, batch_size)`, once, and uses X and y at these.
    Common batch sizes are 32, 64, 128, 256. The weights that are passed in must stay as they were.

    Args:
        loss_fun: function (weights, X_batch, y_batch) -> loss, gradient
        X: (N, D) all examples
        y: (N,) their targets
        weights: (D,) where to start
        step_size: () learning rate
        num_steps: () number of steps, T
        batch_size: () examples a step
        rng: numpy Generator

    Returns:
        losses: (T,) the loss of each step's minibatch, before the step
        weights_out: (D,) the weights after the last step

    Source: lecture 4, stochastic gradient descent.
    """
    N = X.shape[0]

    # forward pass
    losses = np.zeros(num_steps)     # (T,) loss of each minibatch before its step [2]
    weights_out = weights.copy()     # (D,) weights after the last step [3]
    for t in range(num_steps):
        batch = rng.choice(N, batch_size)
        losses[t], weights_grad = loss_fun(weights_out, X[batch], y[batch])
        weights_out = weights_out - step_size * weights_grad
    return losses, weights_out


def cases(rng):
    """Inputs of both exercises; a small bowl and a line to fit, given as functions."""
    bowl = "lambda w, *data: (float(np.mean((data[0] - w) ** 2)), 2 * (w - data[0].mean(axis=0)) / w.size)"
    for n, d, steps, batch in ((12, 3, 5, 4), (1, 2, 3, 1), (70, 4, 4, 32), (9, 1, 6, 2), (40, 5, 2, 16)):
        X = rng.standard_normal((n, d))
        yield f"{n} examples, {steps} steps", {
            "loss_fun": Made(bowl),
            "data": X,
            "X": X,
            "y": rng.standard_normal(n),
            "weights": rng.standard_normal(d),
            "step_size": 0.1,
            "num_steps": steps,
            "batch_size": batch,
            "rng": Made(f"np.random.default_rng({int(rng.integers(1 << 30))})"),
        }


def _loop(*body, before="pass"):
    """The code of a mistake: a loop with another body."""
    lines = "\n".join(f"    {line}" for line in body)
    return f"losses, weights_out = np.zeros(num_steps), weights.copy()\n{before}\nfor t in range(num_steps):\n{lines}\n"


FULL = "losses[t], weights_grad = loss_fun(weights_out, data)"
DRAW = "batch = rng.choice(N, batch_size)"
PART = "losses[t], weights_grad = loss_fun(weights_out, X[batch], y[batch])"
STEP = "weights_out = weights_out - step_size * weights_grad"


def _slip(of, name, stage, code, hint):
    return Mistake(name, of=of, stage=stage, code=code, hint=hint)


MISTAKES = [
    _slip("gradient_descent", "uphill", "weights_out", _loop(FULL.replace("weights_out", "good"), STEP.replace("-", "+"), "good = good - step_size * weights_grad", before="good = weights.copy()"), "In which direction does the loss fall?"),
    _slip("gradient_descent", "one-step-too-few", "weights_out", _loop(FULL, "if t + 1 < num_steps: " + STEP), "How many steps are asked for?"),
    _slip("gradient_descent", "last-loss-lost", "losses", _loop(FULL, "if t + 1 == num_steps: losses[t] = 0", STEP), "One loss for every step."),
    _slip("gradient_descent", "loss-after-the-step", "losses", _loop("_, weights_grad = loss_fun(weights_out, data)", STEP, "losses[t] = loss_fun(weights_out, data)[0]"), "Is the loss recorded before the step or after it?"),
    _slip("gradient_descent", "loss-of-the-start", "losses", _loop(FULL, "losses[t] = loss_fun(weights, data)[0]", STEP), "At which weights is the loss of step t?"),
    _slip("minibatch_sgd", "one-step-too-few", "weights_out", _loop(DRAW, PART, "if t + 1 < num_steps: " + STEP), "How many steps are asked for?"),
    _slip("minibatch_sgd", "step-divided-by-batch-size", "weights_out", _loop(DRAW, PART.replace("weights_out", "good"), STEP.replace("step_size *", "step_size / batch_size * 1.5 *"), "good = good - step_size * weights_grad", before="good = weights.copy()"), "The loss function averages already."),
    _slip("minibatch_sgd", "loss-on-all-data", "losses", _loop(DRAW, PART, "losses[t] = loss_fun(weights_out, X, y)[0]", STEP), "Whose loss is recorded?"),
    _slip("minibatch_sgd", "loss-after-the-step", "losses", _loop(DRAW, PART, STEP, "losses[t] = loss_fun(weights_out, X[batch], y[batch])[0]"), "Is the loss recorded before the step or after it?"),
    _slip("minibatch_sgd", "last-loss-lost", "losses", _loop(DRAW, PART, "if t + 1 == num_steps: losses[t] = 0", STEP), "One loss for every step."),
]
