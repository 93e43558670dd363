# expect: failed|crashed|missing
"""Replaces the numpy functions that prepare results."""

import numpy as np


def relu_forward(x):
    np.ascontiguousarray = lambda a: np.zeros(3)
    return np.zeros_like(x), x
