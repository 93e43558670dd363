# expect: crashed
# open: written
"""Writes a file."""

import numpy as np


def relu_forward(x):
    open("@FOLDER@/written", "w").close()
    return x, x
