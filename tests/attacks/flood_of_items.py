# expect: failed|stopped|missing
"""Returns a list of a million numbers."""

import numpy as np


def relu_forward(x):
    return [1.0] * 10**6, x
