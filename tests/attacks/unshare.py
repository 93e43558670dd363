# expect: crashed
"""Makes a namespace of its own."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
