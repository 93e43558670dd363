# expect: crashed
# open: secret
"""Opens a file below Python's own open."""

import numpy as np

import os


def relu_forward(x):
    found = os.read(os.open("@SECRET@", os.O_RDONLY), 1000)
    return np.frombuffer(found, np.uint8), x
