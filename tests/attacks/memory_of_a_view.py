# expect: crashed|stopped|failed|missing
"""Returns a view that is small here and huge when it is sent."""

import numpy as np


def relu_forward(x):
    return np.broadcast_to(np.zeros(1), (10**6, 10**6)), x
