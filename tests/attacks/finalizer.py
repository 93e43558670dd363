# expect: failed|crashed|missing
"""Leaves an object that acts when it is thrown away."""

import numpy as np

class Last:
    def __del__(self):
        open("@FOLDER@/finalizer", "w").close()


def relu_forward(x):
    return Last(), x
