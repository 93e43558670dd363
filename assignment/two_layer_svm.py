# Made by `grader build` from solutions/two_layer_svm.py. Replace each `...`; the comment says which shape belongs there.
"""A two-layer net with the SVM loss: the same net, another last layer.

Lecture 4, "Plugging in neural networks with loss functions"."""

import numpy as np


def two_layer_svm_loss(W1, W2, X, y, reg):
    """SVM loss on the scores of a two-layer net without biases: s = max(0, X W1) W2.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * R(W1) + reg * R(W2), R the sum of squares.

    Args:
        W1: (D, H) weights of the first layer
        W2: (H, C) weights of the second layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        dW1: (D, H) gradient
        dW2: (H, C) gradient

    Source: lecture 4, total loss: data loss + regularization.
    """
    N = X.shape[0]

    # forward pass
    h1 = ...         # (N, H) hidden layer, after the ReLU [1]
    scores = ...     # (N, C) class scores [1]
    margins = ...    # (N, C) hinge margins, 0 at the correct class [2]
    data_loss = ...  # () mean hinge loss [1]
    reg_loss = ...   # () regularization loss [1]
    loss = ...       # () full loss [1]

    # backward pass
    dmargins = ...   # (N, C) gradient of the loss with respect to margins [1]
    dscores = ...    # (N, C) gradient of the loss with respect to scores [2]
    dW2 = ...        # (H, C) gradient of the loss with respect to W2 [2]
    dh1 = ...        # (N, H) gradient of the loss with respect to h1 [1]
    dW1 = ...        # (D, H) gradient of the loss with respect to W1 [2]
    return loss, dW1, dW2
