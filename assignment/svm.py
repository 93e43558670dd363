# Made by `grader build` from solutions/svm.py. Replace each `...`; the comment says which shape belongs there.
"""Multiclass SVM (hinge) loss of a linear classifier, by loops and vectorized.

Lecture 4, "Backprop implementation: flat code"; course notes, "Linear classification"."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, computed with loops over examples and classes.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * sum(W**2), with scores s = X W.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, SVM loss and R(W); CS231n notes, linear classification.
    """
    N = X.shape[0]
    C = W.shape[1]

    # forward and backward pass: loop over examples and classes, adding to both
    loss = ...  # () full loss [2]
    dW = ...    # (D, C) gradient of the loss with respect to W [3]
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, staged and without loops.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * sum(W**2), with scores s = X W.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, the staged SVM listing.
    """
    N = X.shape[0]

    # forward pass
    scores = ...     # (N, C) class scores [1]
    margins = ...    # (N, C) hinge margins, 0 at the correct class [2]
    data_loss = ...  # () mean hinge loss over the minibatch [1]
    reg_loss = ...   # () regularization loss, reg * R(W) [1]
    loss = ...       # () full loss [1]

    # backward pass
    dmargins = ...   # (N, C) gradient of the loss with respect to margins [1]
    dscores = ...    # (N, C) gradient of the loss with respect to scores [2]
    dW = ...         # (D, C) gradient of the loss with respect to W [2]
    return loss, dW
