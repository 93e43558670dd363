# expect: crashed
"""Opens its own memory to find what the parent left in it."""

import numpy as np


def relu_forward(x):
    with open("/proc/self/mem", "rb") as file:
        file.seek(id(x))
        return np.frombuffer(file.read(64), np.uint8), x
