# expect: failed|missing
"""Asks how large a file is. It is told, and that is all it is told."""

import numpy as np

import os


def relu_forward(x):
    return np.full_like(x, os.stat("@SECRET@").st_size), x
