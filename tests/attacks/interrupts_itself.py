# expect: crashed
"""Raises KeyboardInterrupt."""

import numpy as np


def relu_forward(x):
    size = x.size
    raise KeyboardInterrupt
