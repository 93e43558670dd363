# expect: crashed
"""Leaves a thread behind."""

import numpy as np


def relu_forward(x):
    __import__("_thr" + "ead").start_new_thread(lambda: 1, ())
    return x, x
