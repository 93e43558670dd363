"""A feature transform after which a line can separate circles.

Lecture 4, "Why do we want non-linearity?".
"""

import numpy as np

from grader.exercise import Mistake


def polar_features(X):
    """Polar coordinates of points of the plane: f(x, y) = (r, theta), after which a line can separate circles.

    Args:
        X: (N, 2) points

    Returns:
        features: (N, 2) radius and angle, -pi < angle <= pi

    Source: lecture 4, why do we want non-linearity?
    """
    # forward pass
    r = np.sqrt(X[:, 0] ** 2 + X[:, 1] ** 2)        # (N,) distance from the origin [1]
    theta = np.arctan2(X[:, 1], X[:, 0])            # (N,) angle from the first axis [1]
    features = np.stack([r, theta], axis=1)         # (N, 2) both side by side [1]
    return features


def cases(rng):
    for n in (1, 3, 6, 10, 25):
        yield f"{n} points", {"X": rng.standard_normal((n, 2))}


def _slips(of, *slips):
    return [Mistake(name, of=of, stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = [
    *_slips(
        "polar_features",
        ("root-forgotten", "r", "r = X[:, 0] ** 2 + X[:, 1] ** 2", "Pythagoras."),
        ("sum-of-coordinates", "r", "r = np.abs(X[:, 0]) + np.abs(X[:, 1])", "Pythagoras."),
        ("quadrants-lost", "theta", "theta = np.arctan(X[:, 1] / X[:, 0])", "Can a quotient tell a point from the one opposite?"),
        ("coordinates-swapped", "theta", "theta = np.arctan2(X[:, 0], X[:, 1])", "From which axis is the angle measured?"),
        ("in-degrees", "theta", "theta = np.degrees(np.arctan2(X[:, 1], X[:, 0]))", "In which unit is the angle?"),
        ("order-swapped", "features", "features = np.stack([theta, r], axis=1)", "Which column comes first?"),
    ),
]
