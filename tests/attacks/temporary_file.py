# expect: crashed
# open: written
"""Leaves a temporary file behind."""

import numpy as np

import tempfile


def relu_forward(x):
    tempfile.mkstemp(dir="@FOLDER@")
    return x, x
