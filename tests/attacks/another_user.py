# expect: crashed
"""Becomes another user."""

import numpy as np

import os


def relu_forward(x):
    os.setuid(1)
    return x, x
