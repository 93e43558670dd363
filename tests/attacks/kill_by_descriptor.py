# expect: crashed
"""Kills a process through a descriptor of it."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(434, @PID@, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
