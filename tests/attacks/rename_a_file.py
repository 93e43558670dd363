# expect: crashed
# open: written
"""Moves a file."""

import numpy as np

import os


def relu_forward(x):
    os.rename("@FOLDER@/@NAME@", "@FOLDER@/moved")
    return x, x
