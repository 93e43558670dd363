# expect: stopped
"""One operation that takes for ever and cannot be interrupted."""

import numpy as np


def relu_forward(x):
    return 7 ** (10**9), x
