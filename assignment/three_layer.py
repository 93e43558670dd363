# Made by `grader build` from solutions/three_layer.py. Replace each `...`; the comment says which shape belongs there.
"""A three-layer net with softmax loss.

Lecture 4, "Neural networks: 3 layers": f = W3 max(0, W2 max(0, W1 x))."""

import numpy as np


def three_layer_loss(W1, W2, W3, X, y, reg):
    """Softmax loss of a three-layer net without biases, row by row: scores = max(0, max(0, X W1) W2) W3.

    The loss is the mean softmax loss plus reg * (R(W1) + R(W2) + R(W3)), R the sum of squares.

    Args:
        W1: (D, H) weights of the first layer
        W2: (H, K) weights of the second layer
        W3: (K, C) weights of the third layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        dW1: (D, H) gradient
        dW2: (H, K) gradient
        dW3: (K, C) gradient

    Source: lecture 4, neural networks: 3 layers.
    """
    N = X.shape[0]

    # forward pass
    h1 = ...         # (N, H) first hidden layer, after the ReLU [1]
    h2 = ...         # (N, K) second hidden layer, after the ReLU [1]
    scores = ...     # (N, C) class scores [1]
    probs = ...      # (N, C) class probabilities, each row sums to 1 [1]
    data_loss = ...  # () mean cross-entropy [1]
    reg_loss = ...   # () regularization loss [1]
    loss = ...       # () full loss [1]

    # backward pass
    dscores = ...    # (N, C) gradient of the loss with respect to scores [2]
    dW3 = ...        # (K, C) gradient of the loss with respect to W3 [1]
    dh2 = ...        # (N, K) gradient of the loss with respect to h2 [1]
    dz2 = ...        # (N, K) the same before the ReLU [1]
    dW2 = ...        # (H, K) gradient of the loss with respect to W2 [1]
    dh1 = ...        # (N, H) gradient of the loss with respect to h1 [1]
    dz1 = ...        # (N, H) the same before the ReLU [1]
    dW1 = ...        # (D, H) gradient of the loss with respect to W1 [1]
    return loss, dW1, dW2, dW3
