# expect: crashed
"""Changes how its memory is laid out."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(0x0040000) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
