# Made by `grader build` from solutions/two_layer_net.py. Replace each `...`; the comment says which shape belongs there.
"""A two-layer neural net with softmax loss, staged.

Lecture 4, the second staged listing: h1, scores, loss; then dscores, dh1, dW2, db2, dW1, db1."""

import numpy as np


def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    """Loss and gradients of a two-layer net: affine, ReLU, affine, softmax.

    scores = max(0, X W1 + b1) W2 + b2; the loss is the mean softmax loss plus reg * (sum(W1**2) + sum(W2**2)).
    Biases are not regularized. Scores of a thousand must not overflow.

    Args:
        W1: (D, H) weights of the first layer
        b1: (H,) biases of the first layer
        W2: (H, C) weights of the second layer
        b2: (C,) biases of the second layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        grads: the dict {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2} of gradients, each of the shape of its parameter

    Source: lecture 4, the staged listing of the two-layer net.
    """
    N = X.shape[0]

    # forward pass
    h1 = ...                       # (N, H) hidden layer, after the ReLU [2]
    scores = ...                   # (N, C) class scores [1]
    probs = ...                    # (N, C) class probabilities, each row sums to 1 [1]
    data_loss = ...                # () mean cross-entropy over the minibatch [1]
    reg_loss = ...                 # () regularization loss, reg * (R(W1) + R(W2)) [1]
    loss = ...                     # () full loss [1]

    # backward pass
    dscores = ...                  # (N, C) gradient of the loss with respect to scores [2]
    dh1, dW2, db2 = ..., ..., ...  # (N, H), (H, C), (C,) gradients of the second layer [1, 2, 1]
    dW1, db1 = ..., ...            # (D, H), (H,) gradients of the first layer [2, 1]
    grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    return loss, grads
