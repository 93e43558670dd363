# expect: crashed
"""Switches its own filter off."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
