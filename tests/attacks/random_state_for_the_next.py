# expect: failed|missing
"""Leaves a seed and error settings behind."""

import numpy as np


def relu_forward(x):
    np.random.seed(0)
    np.seterr(all="raise")
    return None
