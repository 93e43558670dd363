# expect: crashed
"""Reads memory that is not there."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)
    ctypes.string_at(1)
