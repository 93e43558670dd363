# expect: crashed
"""Hands out its environment."""

import numpy as np

import os


def relu_forward(x):
    size = x.size
    raise ValueError(str(dict(os.environ)) + str(os.environb))
