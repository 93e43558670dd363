# Made by `grader build` from solutions/linear.py. Replace each `...`; the comment says which shape belongs there.
"""The scores of a linear classifier, and the regularization of its weights.

Lecture 4, the score function f = W x + b and the penalty R(W); course notes, "Linear classification"."""

import numpy as np


def linear_scores(W, b, X):
    """Scores of a linear classifier for a minibatch.

    The lecture writes f = W x + b for one example x, a column, with a class in each row of W. Here examples are rows,
    so W stands transposed: a class is a column of W, and an example is multiplied from the left.

    Args:
        W: (D, C) weights, a class is a column
        b: (C,) biases, one a class
        X: (N, D) minibatch, one example a row

    Returns:
        scores: (N, C) scores, one row an example

    Source: lecture 4, linear score function f = W x + b.
    """
    # forward pass
    scores = ...  # (N, C) class scores [2]
    return scores


def l2_regularization(W, reg):
    """L2 regularization reg * R(W), and its gradient. R(W) is the sum of the squares of all weights.

    Args:
        W: (D, C) weights
        reg: () regularization strength, the lecture's lambda

    Returns:
        reg_loss: () regularization loss, reg * R(W)
        dW: (D, C) gradient of reg_loss with respect to W

    Source: lecture 4, R(W) in the total loss.
    """
    # forward pass
    reg_loss = ...  # () regularization loss [1]

    # backward pass
    dW = ...        # (D, C) gradient of the regularization loss with respect to W [1]
    return reg_loss, dW
