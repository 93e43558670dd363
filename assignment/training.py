# Made by `grader build` from solutions/training.py. Replace each `...`; the comment says which shape belongs there.
"""Training a two-layer net of sigmoids in about twenty lines.

Lecture 4, "Full implementation of training a 2-layer neural network"."""

import numpy as np


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
    losses = ...  # (T,) loss before each step [2]
    w1_out = ...  # (D, H) first layer after the last step [3]
    w2_out = ...  # (H, M) second layer after the last step [2]
    return losses, w1_out, w2_out
