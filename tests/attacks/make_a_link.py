# expect: crashed
# open: written
"""Makes a second name for a file."""

import numpy as np

import os


def relu_forward(x):
    os.link("@FOLDER@/@NAME@", "@FOLDER@/second")
    return x, x
