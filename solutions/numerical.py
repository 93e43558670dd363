"""The numerical gradient: slow, approximate, easy to write. What analytic gradients are checked with.

Lecture 4, gradient descent; CS231n notes, gradient checks.
"""

import numpy as np

from grader.exercise import Made, Mistake


def numerical_gradient(f, x, h):
    """Central differences: for every entry of x, (f with it raised by h minus f with it lowered by h) over 2 h.

    Loop over the entries (`np.ndindex(x.shape)` gives their indices). x itself must come out unchanged.

    Args:
        f: function of an array of the shape of x, returns a number
        x: (d_1, ..., d_k) point
        h: () step

    Returns:
        grad: (d_1, ..., d_k) numerical gradient, of the shape of x

    Source: lecture 4, numerical gradient; CS231n notes, use the centered formula.
    """
    # forward pass
    grad = np.zeros_like(x)   # (d_1, ..., d_k) one difference quotient an entry [4]
    for index in np.ndindex(x.shape):
        raised, lowered = x.copy(), x.copy()
        raised[index] += h
        lowered[index] -= h
        grad[index] = (f(raised) - f(lowered)) / (2 * h)
    return grad


def cases(rng):
    """A large step, so that central and one-sided differences differ by more than the tolerance."""
    for name, source, shape in (
        ("a cubic", "lambda x: np.sum(x ** 3)", (3, 4)),
        ("a sine", "lambda x: np.sum(np.sin(x))", (5,)),
        ("one number", "lambda x: float(np.exp(x[0, 0]))", (1, 1)),
        ("entries that meet", "lambda x: np.prod(np.cos(x))", (2, 3)),
        ("three axes", "lambda x: np.sum(x ** 2 * np.arange(x.size).reshape(x.shape)) + x.flat[0] ** 3", (2, 1, 3)),
    ):
        yield name, {"f": Made(source), "x": rng.standard_normal(shape), "h": 0.01}


def _slip(name, expression, hint, lowered="lowered[index] -= h"):
    code = f"""
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        raised, lowered = x.copy(), x.copy()
        raised[index] += h
        {lowered}
        grad[index] = {expression}
    """
    return Mistake(name, of="numerical_gradient", stage="grad", code=code, hint=hint)


MISTAKES = [
    _slip("one-sided", "(f(raised) - f(x)) / h", "Which two points does the centered formula use?"),
    _slip("two-forgotten", "(f(raised) - f(lowered)) / h", "How far apart are the two points?"),
    _slip("not-divided", "f(raised) - f(lowered)", "A difference, or a difference quotient?"),
    _slip("sign", "(f(lowered) - f(raised)) / (2 * h)", "Which point comes first?"),
    _slip("all-entries-lowered", "(f(raised) - f(lowered)) / (2 * h)", "Only one entry moves at a time.", "lowered -= h"),
    _slip("backward-difference", "(f(x) - f(lowered)) / h", "Which two points does the centered formula use?"),
]
