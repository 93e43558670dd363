# expect: crashed
"""Makes a pair of sockets."""

import numpy as np


def relu_forward(x):
    __import__("sock" + "et").socketpair()
    return x, x
