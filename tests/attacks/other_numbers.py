# expect: crashed
"""Forks by the number it has in another convention."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(0x40000000 + 57) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
