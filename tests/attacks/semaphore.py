# expect: crashed
"""Leaves semaphores behind."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.semget(4711, 1, 0o1777) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
