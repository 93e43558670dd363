# expect: crashed
"""Opens a file by a newer system call."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(437, -100, b"@SECRET@", ctypes.byref((ctypes.c_uint64 * 3)()), 24) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
