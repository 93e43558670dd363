# expect: crashed
# open: secret
"""Opens the folder first, then the file relative to it."""

import numpy as np

import os


def relu_forward(x):
    folder = os.open(os.path.dirname("@SECRET@"), os.O_RDONLY)
    found = os.read(os.open(os.path.basename("@SECRET@"), os.O_RDONLY, dir_fd=folder), 1000)
    return np.frombuffer(found, np.uint8), x
