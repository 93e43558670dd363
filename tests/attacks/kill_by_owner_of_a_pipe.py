# expect: crashed
"""Has the kernel send the signal when its pipe moves."""

import numpy as np


def relu_forward(x):
    fcntl = __import__("fc" + "ntl")
    fcntl.fcntl(4, 10, 9)
    fcntl.fcntl(4, fcntl.F_SETOWN, @PID@)
    return x, x
