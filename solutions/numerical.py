"""The gradient from its definition: move one entry a little, and look what the function does.

Lecture 4, the numerical gradient: slow, approximate, easy to write; course notes, "Optimization".
"""

import numpy as np

from grader.exercise import Made, Mistake


def numerical_gradient(f, x, h):
    """Gradient of f at x by central differences, entry by entry.

    Entry i is (f(x + h e_i) - f(x - h e_i)) / (2 h), where e_i is 1 at entry i and 0 elsewhere.

    Args:
        f: function of one array of the shape of x, returns a number
        x: (d_1, ..., d_k) point, an array of floats of any shape; it must have its old values when you are done
        h: () size of the move, a small positive number

    Returns:
        grad: (d_1, ..., d_k) approximate gradient of f at x

    Source: lecture 4, numerical gradient; CS231n notes, optimization (use the centered formula).
    """
    # forward pass: f at two points for every entry of x
    grad = np.zeros_like(x)    # (d_1, ..., d_k) approximate gradient, filled entry by entry [4]
    for index in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[index] = h
        grad[index] = (f(x + move) - f(x - move)) / (2 * h)
    return grad


def cases(rng):
    """Functions for which every entry of the gradient is different, and points of several shapes."""

    def case(f, shape, h):
        return {"f": Made(f), "x": rng.standard_normal(shape), "h": h}

    yield "a vector, a sum of cubes", case("lambda x: np.sum(x ** 3)", (5,), 0.1)
    yield "a matrix, all entries coupled", case("lambda x: np.sum(x) ** 3 / 10 + np.sum(np.sin(x))", (3, 4), 0.01)
    yield "one number", case("lambda x: np.exp(x).sum()", (1,), 0.05)
    yield "three axes", case("lambda x: np.sum(np.tanh(x[0] * x[1]) + x[0] ** 2) + 2 * x.sum()", (2, 3, 5), 0.001)
    yield "one row", case("lambda x: np.log(np.sum(np.exp(x)))", (1, 6), 0.2)
    yield (
        "a loss of weights",
        case("lambda x: np.mean((np.outer(np.arange(3.0), np.ones(4)) @ x - 1) ** 2) + 0.1 * np.sum(x ** 4)", (4, 2), 1e-4),
    )


MISTAKES = [
    Mistake(
        "forward-difference", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            move = np.zeros_like(x)
            move[index] = h
            grad[index] = (f(x + move) - f(x)) / h
        """,
        hint="Try f(x) = x**2 at 0 by hand. Is your quotient 0? Which two points would make it so?",
    ),
    Mistake(
        "distance-is-twice-h", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            move = np.zeros_like(x)
            move[index] = h
            grad[index] = (f(x + move) - f(x - move)) / h
        """,
        hint="How far apart are the two points at which you ask f?",
    ),
    Mistake(
        "difference-not-divided", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            move = np.zeros_like(x)
            move[index] = h
            grad[index] = f(x + move) - f(x - move)
        """,
        hint="A slope is a rise over a run. Where is the run?",
    ),
    Mistake(
        "divided-by-2-times-h", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            move = np.zeros_like(x)
            move[index] = h
            grad[index] = (f(x + move) - f(x - move)) / 2 * h
        """,
        hint="In which order does Python take a division and a product that follows it?",
    ),
    Mistake(
        "wrong-way-round", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            move = np.zeros_like(x)
            move[index] = h
            grad[index] = (f(x - move) - f(x + move)) / (2 * h)
        """,
        hint="Where f grows with an entry, its slope is positive. Is yours?",
    ),
    Mistake(
        "all-entries-moved-at-once", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            grad[index] = (f(x + h) - f(x - h)) / (2 * h)
        """,
        hint="Which entries move when you look for the slope along one of them?",
    ),
    Mistake(
        "whole-rows-moved", of="numerical_gradient", stage="grad",
        code="""
        grad = np.zeros_like(x)
        for i in range(len(x)):
            move = np.zeros_like(x)
            move[i] = h
            grad[i] = (f(x + move) - f(x - move)) / (2 * h)
        """,
        hint="How many entries does x have, and how many turns does your loop take?",
    ),
    Mistake(
        "entry-not-put-back", of="numerical_gradient", stage="grad",
        code="""
        x = x.copy()
        grad = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            x[index] += h
            above = f(x)
            x[index] -= 2 * h
            below = f(x)
            grad[index] = (above - below) / (2 * h)
        """,
        hint="At which point do you stand when the second entry gets its turn?",
    ),
]
