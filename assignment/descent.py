# Made by `grader build` from solutions/descent.py. Replace each `...`; the comment says which shape belongs there.
"""Gradient descent on all data, and on minibatches.

Lecture 4, "Vanilla Gradient Descent" and "Vanilla Minibatch Gradient Descent"; course notes, "Optimization"."""

import numpy as np


def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    """Vanilla gradient descent: num_steps times evaluate the gradient on all data, and step against it.

    Args:
        loss_fun: function; loss_fun(weights, data) returns the loss, a number, and its gradient, shaped as the weights
        data: whatever loss_fun takes as its second argument
        weights: (d_1, ..., d_k) where the descent starts; the array itself must keep its values
        step_size: () length of a step, in units of the gradient
        num_steps: () number of steps, T

    On the way:
        path: (S, d_1, ..., d_k) the weights at the start and after every step, S = T + 1

    Returns:
        losses: (T,) loss before each step
        final: (d_1, ..., d_k) weights after the last step

    Source: lecture 4, vanilla gradient descent; weights_grad = evaluate_gradient(...) is what loss_fun returns second.
    """
    # forward and backward pass: one step after the other
    path = ...    # (S, d_1, ..., d_k) weights at the start and after every step [3]
    losses = ...  # (T,) loss before each step [1]
    final = ...   # (d_1, ..., d_k) weights after the last step [1]
    return losses, final


def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    """Minibatch gradient descent: as gradient_descent, but each step sees only a random sample of the examples.

    Each step draws its sample by rng.choice(N, batch_size): numbers of examples, one drawn twice counting twice.
    Draw once a step and nothing else, so that everybody who starts from the same rng sees the same samples.

    Args:
        loss_fun: function; loss_fun(W, X_batch, y_batch) returns the mean loss of the examples and its gradient
        X: (N, D) examples, one a row
        y: (N,) labels, y[i] belongs to X[i]
        W: (D, C) where the descent starts; the array itself must keep its values
        step_size: () length of a step, in units of the gradient
        num_steps: () number of steps, T
        batch_size: () examples in a sample, B: 32, 64, 128 or 256 are common
        rng: random generator, a numpy.random.Generator

    On the way:
        batches: (T, B) numbers of the examples of each step
        path: (S, D, C) the weights at the start and after every step, S = T + 1

    Returns:
        losses: (T,) loss of each step's sample, before the step
        final: (D, C) weights after the last step

    Source: lecture 4, stochastic gradient descent, vanilla minibatch gradient descent.
    """
    N = X.shape[0]

    # forward and backward pass: one step after the other
    batches = ...  # (T, B) numbers of the examples of each step [2]
    path = ...     # (S, D, C) weights at the start and after every step [3]
    losses = ...   # (T,) loss of each step's sample, before the step [1]
    final = ...    # (D, C) weights after the last step [1]
    return losses, final
