# expect: crashed
"""Opens a setting of the kernel to write."""

import numpy as np


def relu_forward(x):
    open("/proc/self/oom_score_adj", "r+")
    return x, x
