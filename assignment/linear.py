# Made by `grader build` from solutions/linear.py. Replace each `...`; the comment says which shape belongs there.
"""A linear classifier's scores, and the regularization of its weights.

Lecture 4, recap: score function and R(W)."""

import numpy as np


def linear_scores(X, W, b):
    """Scores of a linear classifier: for each row x of X what the lecture writes f = W x + b with a column x.

    Args:
        X: (N, D) examples, one a row
        W: (D, C) weights, one column a class
        b: (C,) biases

    Returns:
        scores: (N, C) class scores

    Source: lecture 4, the original linear classifier.
    """
    # forward pass
    products = ...  # (N, C) each example with each class's weights [1]
    scores = ...    # (N, C) class scores [1]
    return scores


def l2_regularization(W, reg):
    """L2 regularization: reg * R(W), R(W) the sum of the squares of all entries, and its gradient.

    Args:
        W: (D, C) weights
        reg: () regularization strength

    Returns:
        loss: () reg * R(W)
        dW: (D, C) gradient

    Source: lecture 4, regularization.
    """
    # forward pass
    R = ...     # () sum of squares [1]
    loss = ...  # () regularization loss [1]

    # backward pass
    dR = ...    # () gradient of the loss with respect to R [1]
    dW = ...    # (D, C) gradient of the loss with respect to W [2]
    return loss, dW
