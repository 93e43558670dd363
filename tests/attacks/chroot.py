# expect: crashed
"""Changes its root."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.chroot(b"/tmp") < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
