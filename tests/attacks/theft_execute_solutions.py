# expect: crashed
# open: marks
"""Reads the reference's file and runs it."""

import numpy as np


def relu_forward(x):
    space = {}
    with open("@KIT@/solutions/relu.py") as file:
        exec(file.read(), space)
    return space["relu_forward"](x)
