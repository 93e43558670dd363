"""Two linear layers are one.

Lecture 4, "Why is the max operator important?".
"""

import numpy as np

from grader.exercise import Mistake


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
    hidden = X @ W1        # (N, H) first layer, no activation function [1]
    scores = hidden @ W2   # (N, C) second layer [1]
    W3 = W1 @ W2           # (D, C) weights of one layer [1]
    return scores, W3


def cases(rng):
    for n, d, h, c in ((5, 7, 6, 4), (1, 4, 5, 3), (12, 3, 2, 10), (6, 5, 8, 2), (9, 6, 3, 7)):
        yield f"{n} examples", {
            "W1": rng.standard_normal((d, h)), "W2": rng.standard_normal((h, c)), "X": rng.standard_normal((n, d)),
        }


def _slips(of, *slips):
    return [Mistake(name, of=of, stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = [
    *_slips(
        "collapse_linear",
        ("relu-between", "hidden", "hidden = np.maximum(0, X @ W1)", "This net has no activation function."),
        ("relu-after", "scores", "scores = np.maximum(0, hidden @ W2)", "This net has no activation function."),
        ("averaged", "scores", "scores = hidden @ W2 / W1.shape[1]", "What does the second layer compute?"),
        ("relu-on-the-weights", "W3", "W3 = np.maximum(0, W1 @ W2)", "Which weights do the same as both layers?"),
        ("squared-weights", "W3", "W3 = (W1 * W1) @ W2", "Put the first layer's formula into the second's."),
    ),
]
