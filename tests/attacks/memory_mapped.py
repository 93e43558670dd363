# expect: crashed|stopped
"""Maps memory without end."""

import numpy as np


def relu_forward(x):
    mmap = __import__("mm" + "ap")
    kept = [mmap.mmap(-1, 1 << 30) for _ in range(100)]
    return x, x
