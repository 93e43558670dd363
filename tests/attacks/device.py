# expect: crashed
"""Opens the terminal."""

import numpy as np


def relu_forward(x):
    open("/dev/tty", "w")
    return x, x
