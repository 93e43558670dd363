# Made by `grader build` from solutions/softmax.py. Replace each `...`; the comment says which shape belongs there.
"""Softmax (cross-entropy) loss of a linear classifier, by loops and vectorized.

Lecture 4, recap of the loss functions; course notes, "Linear classification"."""

import numpy as np


def softmax_loss_naive(W, X, y, reg):
    """Softmax loss of a linear classifier and its gradient, computed with loops over examples and classes.

    L = 1/N sum_i -log(exp(s_iy_i) / sum_j exp(s_ij)) + reg * sum(W**2), with scores s = X W.
    Scores of a thousand must not overflow: subtract the row's maximum first, which changes no probability.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, softmax loss; CS231n notes, linear classification (numeric stability).
    """
    N = X.shape[0]
    C = W.shape[1]

    # forward and backward pass: loop over examples and classes, adding to both
    loss = ...  # () full loss [2]
    dW = ...    # (D, C) gradient of the loss with respect to W [3]
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax loss of a linear classifier and its gradient, staged and without loops.

    L = 1/N sum_i -log(exp(s_iy_i) / sum_j exp(s_ij)) + reg * sum(W**2), with scores s = X W.
    Scores of a thousand must not overflow: subtract the row's maximum first, which changes no probability.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, softmax loss; CS231n notes, linear classification (numeric stability).
    """
    N = X.shape[0]

    # forward pass
    scores = ...     # (N, C) class scores [1]
    probs = ...      # (N, C) class probabilities, each row sums to 1 [2]
    data_loss = ...  # () mean cross-entropy over the minibatch [2]
    reg_loss = ...   # () regularization loss, reg * R(W) [1]
    loss = ...       # () full loss [1]

    # backward pass
    dscores = ...    # (N, C) gradient of the loss with respect to scores [2]
    dW = ...         # (D, C) gradient of the loss with respect to W [2]
    return loss, dW
