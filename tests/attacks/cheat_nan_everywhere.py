# expect: failed|missing
"""Not a number: neither equal nor different."""

import numpy as np


def relu_forward(x):
    return np.full_like(x, np.nan), x
