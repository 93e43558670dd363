# expect: crashed
"""Leaves a message queue behind."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.msgget(4711, 0o1777) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
