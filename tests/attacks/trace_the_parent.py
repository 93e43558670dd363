# expect: crashed
"""Attaches to its parent as a debugger."""

import numpy as np


def relu_forward(x):
    import os
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
