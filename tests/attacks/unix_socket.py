# expect: crashed
"""Opens a socket in the abstract namespace."""

import numpy as np


def relu_forward(x):
    s = __import__("sock" + "et")
    s.socket(s.AF_UNIX).bind("\0canary")
    return x, x
