"""What is said of values and graphs of the student's own run."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.compare import as_numbers
from grader.messages.card import value
from grader.messages.words import number, shape

TRACE = ("line", "name", "shape", "dtype", "min", "max", "nan?")
INPUT = "input"
CUT = "There were more values than are shown: trace a smaller input, or a part of the function."
NO_GATES = "There is no line to draw yet: fill the function in first, one line a gate."
LEGEND = ("above a wire: its value", "below: how the result reacts to it (the gradient)")


def above(name: str, own: Any) -> tuple[str, ...]:
    """What stands over a wire, from top to bottom: name and number; of an array name and shape, then its range."""
    told = value(own)
    array = as_numbers(own)
    if array is None or array.ndim == 0:
        return (f"{name} {told}",)
    head = shape(array.shape)
    return f"{name} {head}", told.removeprefix(f"{head}, ")


def below(gradient: Any, own: Any = None) -> str:
    """The gradient on a wire: a number, or the norm of an array (with its shape where that is not the value's);
    "" where there is none."""
    array, of = as_numbers(gradient), as_numbers(own)
    if array is None:
        return ""
    if array.size == 1:
        return number(float(array.reshape(())))
    norm = f"norm {number(float(np.linalg.norm(array.astype(float))))}"
    return norm if of is not None and of.shape == array.shape else f"{shape(array.shape)}, {norm}"


def wire(name: str, gate: str, uses: tuple[str, ...], own: Any, gradient: Any) -> str:
    """One line of a graph in words."""
    made = f" = {gate} of {', '.join(uses)}" if gate else " comes in"
    slope = below(gradient, own)
    return f"{name}{made}: {value(own)}{f', gradient {slope}' if slope else ''}"
