# Made by `grader build` from solutions/features.py. Replace each `...`; the comment says which shape belongs there.
"""A feature transform after which a line can separate circles.

Lecture 4, "Why do we want non-linearity?"."""

import numpy as np


def polar_features(X):
    """Polar coordinates of points of the plane: f(x, y) = (r, theta), after which a line can separate circles.

    Args:
        X: (N, 2) points

    Returns:
        features: (N, 2) radius and angle, -pi < angle <= pi

    Source: lecture 4, why do we want non-linearity?
    """
    # forward pass
    r = ...         # (N,) distance from the origin [1]
    theta = ...     # (N,) angle from the first axis [1]
    features = ...  # (N, 2) both side by side [1]
    return features
