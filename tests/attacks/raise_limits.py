# expect: crashed
"""Lifts its own limits."""

import numpy as np


def relu_forward(x):
    r = __import__("res" + "ource")
    r.setrlimit(r.RLIMIT_AS, (-1, -1))
    return x, x
