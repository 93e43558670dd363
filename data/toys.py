"""Made data of two numbers an example: spiral, circles, moons, blobs.

Every maker takes a `numpy.random.Generator` and the number of examples, and returns `X` (N, 2) and `y` (N,). The
classes take turns (0, 1, 2, 0, 1, ...), so they are as even as can be, also in the first few rows. The same generator
in the same state makes the same data.

The spiral is that of CS231n's notes, "Putting it together: minimal neural network case study": no line separates it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def spiral(rng: np.random.Generator, n: int, classes: int = 3, noise: float = 0.2) -> tuple[Floats, Labels]:
    """Arms that wind out of the origin, one a class, each turned against the one before.

    Args:
        rng: where the random numbers come from
        n: examples in all, N
        classes: arms
        noise: standard deviation of the angle, in radians

    Returns:
        X: (N, 2) points, at most 1 from the origin
        y: (N,) class of each point

    Raises:
        ValueError: fewer than one class, fewer examples than classes, or a negative noise.
    """
    y, part = _turns(n, classes, noise)
    angle = 4 * part + 2 * np.pi * y / classes + noise * rng.standard_normal(n)
    return part[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), y


def circles(rng: np.random.Generator, n: int, classes: int = 2, noise: float = 0.05) -> tuple[Floats, Labels]:
    """Circles around the origin, one a class; the largest, of the last class, has radius 1.

    Args:
        rng: where the random numbers come from
        n: examples in all, N
        classes: circles
        noise: standard deviation of each coordinate

    Returns:
        X: (N, 2) points
        y: (N,) class of each point, 0 is the innermost

    Raises:
        ValueError: fewer than one class, fewer examples than classes, or a negative noise.
    """
    y, part = _turns(n, classes, noise)
    angle, radius = 2 * np.pi * part, (y + 1) / classes
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + noise * rng.standard_normal((n, 2)), y


def moons(rng: np.random.Generator, n: int, classes: int = 2, noise: float = 0.1) -> tuple[Floats, Labels]:
    """Half circles of radius 1 that reach into each other, one a class: open below, open above, in turn.

    Args:
        rng: where the random numbers come from
        n: examples in all, N
        classes: half circles, from left to right
        noise: standard deviation of each coordinate

    Returns:
        X: (N, 2) points
        y: (N,) class of each point

    Raises:
        ValueError: fewer than one class, fewer examples than classes, or a negative noise.
    """
    y, part = _turns(n, classes, noise)
    side = np.where(y % 2 == 0, 1.0, -1.0)
    height = side * np.sin(np.pi * part) + np.where(side > 0, 0.0, 0.5)
    points = np.stack([np.cos(np.pi * part) + y, height], axis=1)
    return points + noise * rng.standard_normal((n, 2)), y


def blobs(rng: np.random.Generator, n: int, classes: int = 3, noise: float = 0.5) -> tuple[Floats, Labels]:
    """Round clouds, one a class, around centers on a circle of radius 2. If noise is small, lines separate them.

    Args:
        rng: where the random numbers come from
        n: examples in all, N
        classes: clouds
        noise: standard deviation of each coordinate

    Returns:
        X: (N, 2) points
        y: (N,) class of each point

    Raises:
        ValueError: fewer than one class, fewer examples than classes, or a negative noise.
    """
    y, _ = _turns(n, classes, noise)
    angle = 2 * np.pi * y / classes
    centers = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centers + noise * rng.standard_normal((n, 2)), y


MAKERS: dict[str, Any] = {"spiral": spiral, "circles": circles, "moons": moons, "blobs": blobs}


def _turns(n: int, classes: int, noise: float) -> tuple[Labels, Floats]:
    """Labels in turn, (N,), and how far each example is along the curve of its class, from 0 up to 1, (N,)."""
    if classes < 1:
        raise ValueError(f"classes is {classes}: at least one")
    if n < classes:
        raise ValueError(f"n is {n}, fewer than the {classes} classes: at least one example each")
    if not noise >= 0:
        raise ValueError(f"noise is {noise}: a standard deviation, so not negative")
    number = np.arange(n)
    y = (number % classes).astype(np.int64)
    of_class = np.bincount(y, minlength=classes)  # (C,) examples of each class
    return y, (number // classes) / np.maximum(of_class[y] - 1, 1)
