# expect: crashed
# open: written
"""Changes when a file was written."""

import numpy as np

import os


def relu_forward(x):
    os.utime("@SECRET@", (1, 1))
    return x, x
