"""Feed-forward computation of a net of sigmoids, for one input as a column.

Lecture 4, "Example feed-forward computation of a neural network".
"""

import numpy as np

from grader.exercise import Mistake


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
    h1 = 1.0 / (1.0 + np.exp(-(W1 @ x + b1)))    # (H, 1) first hidden layer [2]
    h2 = 1.0 / (1.0 + np.exp(-(W2 @ h1 + b2)))   # (K, 1) second hidden layer [2]
    out = W3 @ h2 + b3                           # (M, 1) output, without activation function [1]
    return out


def cases(rng):
    for d, h, k, m in ((3, 4, 5, 2), (1, 3, 4, 2), (5, 6, 2, 3), (7, 2, 3, 5), (2, 9, 6, 4)):
        yield f"{d}-{h}-{k}-{m}", {
            "W1": rng.standard_normal((h, d)), "b1": rng.standard_normal((h, 1)),
            "W2": rng.standard_normal((k, h)), "b2": rng.standard_normal((k, 1)),
            "W3": rng.standard_normal((m, k)), "b3": rng.standard_normal((m, 1)),
            "x": rng.standard_normal((d, 1)),
        }
    shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (4, 4), "b2": (4, 1), "W3": (1, 4), "b3": (1, 1), "x": (3, 1)}
    yield "the lecture's 3-4-4-1", {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def _layer(name, stage, code, hint):
    return Mistake(name, of="three_layer_forward", stage=stage, code=code, hint=hint)


MISTAKES = [
    _layer("sign-of-the-exponent", "h1", "h1 = 1.0 / (1.0 + np.exp(W1 @ x + b1))", "Does a sigmoid rise or fall?"),
    _layer("bias-outside", "h1", "h1 = 1.0 / (1.0 + np.exp(-(W1 @ x))) + b1", "Is the bias added before or after the activation function?"),
    _layer("relu", "h2", "h2 = np.maximum(0, W2 @ h1 + b2)", "Which activation function has this net?"),
    _layer("bias-forgotten", "h2", "h2 = 1.0 / (1.0 + np.exp(-(W2 @ h1)))", "Each layer has a bias."),
    _layer("sigmoid-on-the-output", "out", "out = 1.0 / (1.0 + np.exp(-(W3 @ h2 + b3)))", "May an output be negative, or larger than 1?"),
]
