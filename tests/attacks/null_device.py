# expect: crashed
"""Opens even the device that is nothing."""

import numpy as np


def relu_forward(x):
    open("/dev/null", "w")
    return x, x
