# Made by `grader build` from solutions/descent.py. Replace each `...`; the comment says which shape belongs there.
"""Gradient descent: vanilla, and on minibatches.

Lecture 4, "Vanilla gradient descent" and "Vanilla minibatch gradient descent"."""

import numpy as np


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
    losses = ...       # (T,) loss before each step [2]
    weights_out = ...  # (D,) weights after the last step [3]
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
    losses = ...       # (T,) loss of each minibatch before its step [2]
    weights_out = ...  # (D,) weights after the last step [3]
    return losses, weights_out
