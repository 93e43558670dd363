"""Training a two-layer net of sigmoids in about twenty lines.

Lecture 4, "Full implementation of training a 2-layer neural network".
"""

import numpy as np

from grader.exercise import Mistake


def train_two_layer_sigmoid(x, y, w1, w2, learning_rate, num_steps):
    """Train a two-layer net of sigmoids on squared error by gradient descent: forward, backward, step, in a loop.

    h = sigmoid(x w1), y_pred = h w2, loss = sum of squares of y_pred - y. The weights that are passed in must stay as
    they were: work on copies.

    Args:
        x: (N, D) inputs
        y: (N, M) targets
        w1: (D, H) weights of the first layer, where to start
        w2: (H, M) weights of the second layer, where to start
        learning_rate: () step size
        num_steps: () number of steps, T

    Returns:
        losses: (T,) the loss before each step
        w1_out: (D, H) weights of the first layer after the last step
        w2_out: (H, M) weights of the second layer after the last step

    Source: lecture 4, full implementation in about 20 lines.
    """
    # forward pass
    losses = np.zeros(num_steps)   # (T,) loss before each step [2]
    w1_out = w1.copy()             # (D, H) first layer after the last step [3]
    w2_out = w2.copy()             # (H, M) second layer after the last step [2]
    for t in range(num_steps):
        h = 1.0 / (1.0 + np.exp(-(x @ w1_out)))
        y_pred = h @ w2_out
        losses[t] = np.square(y_pred - y).sum()
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h.T @ grad_y_pred
        grad_h = grad_y_pred @ w2_out.T
        grad_w1 = x.T @ (grad_h * h * (1 - h))
        w1_out = w1_out - learning_rate * grad_w1
        w2_out = w2_out - learning_rate * grad_w2
    return losses, w1_out, w2_out


def cases(rng):
    for n, d, h, m, steps in ((6, 3, 4, 2, 3), (1, 2, 3, 4, 2), (8, 5, 6, 3, 4), (4, 7, 2, 5, 2), (5, 4, 9, 2, 5)):
        yield f"{n} examples, {steps} steps", {
            "x": rng.standard_normal((n, d)), "y": rng.standard_normal((n, m)),
            "w1": rng.standard_normal((d, h)), "w2": rng.standard_normal((h, m)),
            "learning_rate": 0.01, "num_steps": steps,
        }


LOOP = """
losses, w1_out, w2_out = np.zeros(num_steps), w1.copy(), w2.copy()
r1, r2 = w1.copy(), w2.copy()
for t in range(num_steps):
    h = 1.0 / (1.0 + np.exp(-(x @ r1)))
    y_pred = h @ r2
    grad_y_pred = 2.0 * (y_pred - y)
    grad_h = grad_y_pred @ r2.T
    losses[t] = {loss}
    w1_out = r1 - learning_rate * {w1}
    w2_out = r2 - learning_rate * {w2}
    r1, r2 = r1 - learning_rate * x.T @ (grad_h * h * (1 - h)), r2 - learning_rate * h.T @ grad_y_pred
"""
RIGHT = {"loss": "np.square(y_pred - y).sum()", "w1": "x.T @ (grad_h * h * (1 - h))", "w2": "(h.T @ grad_y_pred)"}


def _slip(name, stage, hint, **wrong):
    return Mistake(name, of="train_two_layer_sigmoid", stage=stage, code=LOOP.format(**{**RIGHT, **wrong}), hint=hint)


MISTAKES = [
    _slip("mean-instead-of-sum", "losses", "Is the loss a sum or a mean?", loss="np.square(y_pred - y).mean()"),
    _slip("not-squared", "losses", "Squared error.", loss="np.abs(y_pred - y).sum()"),
    _slip("sigmoid-slope-forgotten", "w1_out", "What is the local gradient of the sigmoid?", w1="(x.T @ grad_h)"),
    _slip("half-of-the-sigmoid-slope", "w1_out", "The local gradient of the sigmoid has two factors.", w1="(x.T @ (grad_h * h))"),
    _slip("two-forgotten", "w2_out", "Differentiate a square.", w2="(h.T @ (y_pred - y))"),
    _slip("uphill", "w2_out", "In which direction does the loss fall?", w2="(-h.T @ grad_y_pred)"),
]
