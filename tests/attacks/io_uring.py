# expect: crashed
"""Sets up io_uring, which has system calls of its own."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(425, 8, None) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
