# expect: stopped
"""Asks for more memory than there is."""

import numpy as np


def relu_forward(x):
    return np.ones(10**11), x
