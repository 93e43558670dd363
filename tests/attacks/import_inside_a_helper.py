# expect: refused
"""Imports jax where it is less likely to be seen."""

import numpy as np

def helper(x):
    def inner():
        return __import__("jax").numpy.maximum(x, 0)

    return inner()


def relu_forward(x):
    return helper(x), x
