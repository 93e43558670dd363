# expect: crashed
# open: secret
"""Reads a file with numpy and returns its bytes."""

import numpy as np


def relu_forward(x):
    return np.fromfile("@SECRET@", dtype=np.uint8), x
