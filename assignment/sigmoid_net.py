# Made by `grader build` from solutions/sigmoid_net.py. Replace each `...`; the comment says which shape belongs there.
"""Feed-forward computation of a net of sigmoids, for one input as a column.

Lecture 4, "Example feed-forward computation of a neural network"."""

import numpy as np


def three_layer_forward(W1, b1, W2, b2, W3, b3, x):
    """Forward pass of a three-layer net with sigmoids, for one input as a column: the lecture's 3-4-4-1 net.

    Args:
        W1: (H, D) weights of the first hidden layer
        b1: (H, 1) its biases
        W2: (K, H) weights of the second hidden layer
        b2: (K, 1) its biases
        W3: (M, K) weights of the output
        b3: (M, 1) its biases
        x: (D, 1) input, a column

    Returns:
        out: (M, 1) output

    Source: lecture 4, forward pass of a 3-layer network.
    """
    # forward pass
    h1 = ...   # (H, 1) first hidden layer [2]
    h2 = ...   # (K, 1) second hidden layer [2]
    out = ...  # (M, 1) output, without activation function [1]
    return out
