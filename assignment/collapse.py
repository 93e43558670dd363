# Made by `grader build` from solutions/collapse.py. Replace each `...`; the comment says which shape belongs there.
"""Two linear layers are one.

Lecture 4, "Why is the max operator important?"."""

import numpy as np


def collapse_linear(W1, W2, X):
    """Two layers without an activation function are one: scores = (X W1) W2 = X W3.

    Args:
        W1: (D, H) weights of the first layer
        W2: (H, C) weights of the second layer
        X: (N, D) examples, one a row

    Returns:
        scores: (N, C) scores of the two layers, one after the other
        W3: (D, C) weights of the one layer that does the same

    Source: lecture 4, a net without activation function (there W3 = W2 W1, with columns).
    """
    # forward pass
    hidden = ...  # (N, H) first layer, no activation function [1]
    scores = ...  # (N, C) second layer [1]
    W3 = ...      # (D, C) weights of one layer [1]
    return scores, W3
