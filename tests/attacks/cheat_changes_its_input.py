# expect: failed|missing
"""Changes its input, so that a wrong answer would look right."""

import numpy as np


def relu_forward(x):
    x[...] = 1
    return x, x
