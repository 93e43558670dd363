# expect: crashed
"""Asks for input."""

import numpy as np


def relu_forward(x):
    return input(), x
