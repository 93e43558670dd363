# expect: crashed
# open: written
"""Opens a file to everybody."""

import numpy as np

import os


def relu_forward(x):
    os.chmod("@SECRET@", 0o777)
    return x, x
