# expect: crashed
"""Attaches to another process as a debugger."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, @PID@, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
