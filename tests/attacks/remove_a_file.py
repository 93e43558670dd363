# expect: crashed
# open: written
"""Removes a file."""

import numpy as np

import os


def relu_forward(x):
    os.unlink("@FOLDER@/@NAME@")
    return x, x
