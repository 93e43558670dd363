# Made by `grader build` from solutions/layer_losses.py. Replace each `...`; the comment says which shape belongs there.
"""The SVM and softmax losses as last layers: loss and gradient with respect to the scores.

Lecture 4, loss functions; the layers of CS231n's modular nets."""

import numpy as np


def svm_loss(x, y):
    """Multiclass SVM loss of scores, averaged over the minibatch, and its gradient.

    loss = 1/N sum_i sum_{j != y_i} max(0, x_ij - x_iy_i + 1)

    Args:
        x: (N, C) scores
        y: (N,) labels, y[i] = c with 0 <= c < C

    Returns:
        loss: () mean loss
        dx: (N, C) gradient of the loss with respect to x

    Source: lecture 4, SVM loss.
    """
    N = x.shape[0]

    # forward pass
    margins = ...   # (N, C) hinge margins, 0 at the correct class [2]
    loss = ...      # () mean loss [1]

    # backward pass
    dmargins = ...  # (N, C) gradient of the loss with respect to margins [1]
    dx = ...        # (N, C) gradient of the loss with respect to x [2]
    return loss, dx


def softmax_loss(x, y):
    """Softmax loss of scores, averaged over the minibatch, and its gradient.

    loss = 1/N sum_i -log(exp(x_iy_i) / sum_j exp(x_ij)). Scores of a thousand must not overflow.

    Args:
        x: (N, C) scores
        y: (N,) labels, y[i] = c with 0 <= c < C

    Returns:
        loss: () mean loss
        dx: (N, C) gradient of the loss with respect to x

    Source: lecture 4, softmax loss.
    """
    N = x.shape[0]

    # forward pass
    probs = ...  # (N, C) class probabilities, each row sums to 1 [2]
    loss = ...   # () mean cross-entropy [2]

    # backward pass
    dx = ...     # (N, C) gradient of the loss with respect to x [2]
    return loss, dx
