# expect: crashed|stopped
"""Raises an exception with a text of ten million characters."""

import numpy as np


def relu_forward(x):
    size = x.size
    raise ValueError("x" * 10**7)
