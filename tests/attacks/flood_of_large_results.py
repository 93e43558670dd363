# expect: crashed|stopped
"""Returns more than may be sent."""

import numpy as np


def relu_forward(x):
    return np.zeros((3 * 10**7,)), x
