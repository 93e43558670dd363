# expect: failed|crashed|missing
"""An array with fields."""

import numpy as np


def relu_forward(x):
    return np.zeros(x.shape, dtype=[("a", "f8"), ("b", "O")]), x
