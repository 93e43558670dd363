# expect: crashed
"""Moves a mount."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(429, 0, b"", 0, b"", 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
