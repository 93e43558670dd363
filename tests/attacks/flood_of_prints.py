# expect: failed|stopped|missing
"""Prints a hundred thousand lines."""

import numpy as np


def relu_forward(x):
    for i in range(10**5):
        print("x" * 100)
    return None
