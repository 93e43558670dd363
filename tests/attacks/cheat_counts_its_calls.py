# expect: failed|missing
"""Right for the first calls, then returns what it likes: state kept between calls."""

import numpy as np

calls = []


def relu_forward(x):
    calls.append(1)
    return (np.maximum(x, 0) if len(calls) < 5 else x), x
