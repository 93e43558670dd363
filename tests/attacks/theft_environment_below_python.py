# expect: crashed|failed|missing
"""Asks the C library for a variable."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)

    libc.getenv.restype = ctypes.c_char_p
    raise ValueError(libc.getenv(b"CANARY"))
