# expect: crashed
"""Writes into a file that is there."""

import numpy as np


def relu_forward(x):
    with open("@SECRET@", "a") as file:
        file.write("more")
    return x, x
