# expect: crashed
"""Makes a file without a name, to run it."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.memfd_create(b"x", 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
