"""The scores of a linear classifier, and the regularization of its weights.

Lecture 4, the score function f = W x + b and the penalty R(W); course notes, "Linear classification".
"""

import numpy as np

from grader.exercise import Mistake


def linear_scores(W, b, X):
    """Scores of a linear classifier for a minibatch.

    The lecture writes f = W x + b for one example x, a column, with a class in each row of W. Here examples are rows,
    so W stands transposed: a class is a column of W, and an example is multiplied from the left.

    Args:
        W: (D, C) weights, a class is a column
        b: (C,) biases, one a class
        X: (N, D) minibatch, one example a row

    Returns:
        scores: (N, C) scores, one row an example

    Source: lecture 4, linear score function f = W x + b.
    """
    # forward pass
    scores = X @ W + b   # (N, C) class scores [2]
    return scores


def l2_regularization(W, reg):
    """L2 regularization reg * R(W), and its gradient. R(W) is the sum of the squares of all weights.

    Args:
        W: (D, C) weights
        reg: () regularization strength, the lecture's lambda

    Returns:
        reg_loss: () regularization loss, reg * R(W)
        dW: (D, C) gradient of reg_loss with respect to W

    Source: lecture 4, R(W) in the total loss.
    """
    # forward pass
    reg_loss = reg * np.sum(W * W)   # () regularization loss [1]

    # backward pass
    dW = 2 * reg * W                 # (D, C) gradient of the regularization loss with respect to W [1]
    return reg_loss, dW


def cases(rng):
    """Inputs of both exercises."""

    def case(N, D, C, reg, scale=1.0):
        return {
            "W": scale * rng.standard_normal((D, C)),
            "b": rng.standard_normal(C),
            "X": rng.standard_normal((N, D)),
            "reg": reg,
        }

    yield "all sizes different", case(5, 7, 4, 0.5)
    yield "one example", case(1, 6, 3, 0.1)
    yield "ten classes, more examples than classes", case(12, 5, 10, 0.05, scale=0.3)
    yield "more classes than examples, no regularization", case(4, 3, 9, 0.0)
    yield "two classes", case(8, 3, 2, 0.7)
    yield "large weights, strong regularization", case(6, 2, 5, 20.0, scale=50.0)


MISTAKES = [
    Mistake(
        "bias-forgotten", of="linear_scores", stage="scores",
        code="scores = X @ W",
        hint="What should the scores of an example be that is all zeros?",
    ),
    Mistake(
        "bias-subtracted", of="linear_scores", stage="scores",
        code="scores = X @ W - b",
        hint="Should a class with a large bias win more often, or less often?",
    ),
    Mistake(
        "bias-inside-the-product", of="linear_scores", stage="scores",
        code="scores = X @ (W + b)",
        hint="A bias shifts the score of its class by the same amount for every example. Does yours?",
    ),
    Mistake(
        "bias-as-a-factor", of="linear_scores", stage="scores",
        code="scores = (X @ W) * b",
        hint="Read the formula once more: how does the bias enter?",
    ),
    Mistake(
        "one-bias-for-all-classes", of="linear_scores", stage="scores",
        code="scores = X @ W + b.sum()",
        hint="How many biases are there, and to which entries of a row of scores does each of them belong?",
    ),
    Mistake(
        "examples-as-columns", of="linear_scores", stage="scores",
        code="scores = W.T @ X.T + b[:, None]",
        hint="Here an example is a row, also in the scores. Which axis should have N entries?",
    ),
    Mistake(
        "cut-at-zero", of="linear_scores", stage="scores",
        code="scores = np.maximum(0, X @ W + b)",
        hint="The classifier is linear. May a score be negative?",
    ),
    Mistake(
        "strength-forgotten-in-loss", of="l2_regularization", stage="reg_loss",
        code="reg_loss = np.sum(W * W)",
        hint="What should the regularization loss be when its strength is 0?",
    ),
    Mistake(
        "weights-not-squared", of="l2_regularization", stage="reg_loss",
        code="reg_loss = reg * np.sum(W)",
        hint="Can two weights cancel each other in R(W)? Should they?",
    ),
    Mistake(
        "absolute-values-instead-of-squares", of="l2_regularization", stage="reg_loss",
        code="reg_loss = reg * np.sum(np.abs(W))",
        hint="That is a regularization too, the L1 kind. What does L2 do with each weight?",
    ),
    Mistake(
        "root-taken", of="l2_regularization", stage="reg_loss",
        code="reg_loss = reg * np.linalg.norm(W)",
        hint="By which factor should R(W) grow when all weights are doubled?",
    ),
    Mistake(
        "mean-instead-of-sum", of="l2_regularization", stage="reg_loss",
        code="reg_loss = reg * np.mean(W * W)",
        hint="Does R(W) depend on how many weights there are?",
    ),
    Mistake(
        "regularization-halved", of="l2_regularization", stage="reg_loss",
        code="reg_loss = 0.5 * reg * np.sum(W * W)",
        hint="Some texts put a factor in front of R(W). Does the docstring?",
    ),
    Mistake(
        "factor-of-the-square-forgotten", of="l2_regularization", stage="dW",
        code="dW = reg * W",
        hint="Differentiate w**2 once more.",
    ),
    Mistake(
        "strength-forgotten-in-gradient", of="l2_regularization", stage="dW",
        code="dW = 2 * W",
        hint="What should the gradient be when the strength is 0?",
    ),
    Mistake(
        "sign-of-a-step", of="l2_regularization", stage="dW",
        code="dW = -2 * reg * W",
        hint="A gradient points to where the loss grows. When does R(W) grow: as a positive weight gets larger, or smaller?",
    ),
    Mistake(
        "gradient-of-absolute-values", of="l2_regularization", stage="dW",
        code="dW = reg * np.sign(W)",
        hint="Does a large weight contribute as steeply to R(W) as a small one?",
    ),
    Mistake(
        "weights-summed-in-gradient", of="l2_regularization", stage="dW",
        code="dW = np.full_like(W, 2 * reg * W.sum())",
        hint="On how many of the terms of R(W) does one weight act?",
    ),
]
