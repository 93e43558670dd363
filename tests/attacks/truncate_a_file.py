# expect: crashed
# open: written
"""Empties a file."""

import numpy as np

import os


def relu_forward(x):
    os.truncate("@SECRET@", 0)
    return x, x
