"""A linear classifier's scores, and the regularization of its weights.

Lecture 4, recap: score function and R(W).
"""

import numpy as np

from grader.exercise import Mistake


def linear_scores(X, W, b):
    """Scores of a linear classifier: for each row x of X what the lecture writes f = W x + b with a column x.

    Args:
        X: (N, D) examples, one a row
        W: (D, C) weights, one column a class
        b: (C,) biases

    Returns:
        scores: (N, C) class scores

    Source: lecture 4, the original linear classifier.
    """
    # forward pass
    products = X @ W           # (N, C) each example with each class's weights [1]
    scores = products + b      # (N, C) class scores [1]
    return scores


def l2_regularization(W, reg):
    """L2 regularization: reg * R(W), R(W) the sum of the squares of all entries, and its gradient.

    Args:
        W: (D, C) weights
        reg: () regularization strength

    Returns:
        loss: () reg * R(W)
        dW: (D, C) gradient

    Source: lecture 4, regularization.
    """
    # forward pass
    R = np.sum(W * W)     # () sum of squares [1]
    loss = reg * R        # () regularization loss [1]

    # backward pass
    dR = reg              # () gradient of the loss with respect to R [1]
    dW = dR * 2 * W       # (D, C) gradient of the loss with respect to W [2]
    return loss, dW


def cases(rng):
    for n, d, c, reg in ((5, 7, 4, 0.5), (1, 3, 2, 0.1), (6, 2, 10, 2.0), (3, 8, 5, 0.01), (9, 4, 3, 1.5)):
        yield f"{n} examples, {c} classes", {"X": rng.standard_normal((n, d)), "W": rng.standard_normal((d, c)), "b": rng.standard_normal(c), "reg": reg}


MISTAKES = [
    Mistake("signs-lost", of="linear_scores", stage="products", code="products = np.abs(X) @ W", hint="May an input be negative?"),
    Mistake("elementwise-sum", of="linear_scores", stage="products", code="products = X.sum(axis=1, keepdims=True) * W.sum(axis=0)", hint="Each input has a weight of its own."),
    Mistake("averaged", of="linear_scores", stage="products", code="products = X @ W / X.shape[1]", hint="A score is a sum, not a mean."),
    Mistake("bias-forgotten", of="linear_scores", stage="scores", code="scores = products.copy()", hint="Which parameter is not used?"),
    Mistake("bias-subtracted", of="linear_scores", stage="scores", code="scores = products - b", hint="Which sign has the bias?"),
    Mistake("bias-summed", of="linear_scores", stage="scores", code="scores = products + b.sum()", hint="Each class has a bias of its own."),
    Mistake("not-squared", of="l2_regularization", stage="R", code="R = np.sum(W)", hint="A sum of squares."),
    Mistake("absolute-values", of="l2_regularization", stage="R", code="R = np.sum(np.abs(W))", hint="That is L1."),
    Mistake("root-taken", of="l2_regularization", stage="R", code="R = np.sqrt(np.sum(W * W))", hint="The norm, or its square?"),
    Mistake("halved", of="l2_regularization", stage="loss", code="loss = 0.5 * reg * R", hint="Is there a factor in front of R?"),
    Mistake("upstream-one", of="l2_regularization", stage="dR", code="dR = 1.0", hint="By what is R multiplied?"),
    Mistake("two-forgotten", of="l2_regularization", stage="dW", code="dW = dR * W", hint="Differentiate w**2."),
    Mistake("strength-forgotten", of="l2_regularization", stage="dW", code="dW = 2 * W", hint="Upstream gradient times local gradient."),
]
