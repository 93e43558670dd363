# expect: failed|missing
"""An object that would become the right array when it is compared."""

import numpy as np

class Later:
    def __init__(self, x):
        self.x = x

    def __array__(self, *a, **k):
        return np.maximum(self.x, 0)


def relu_forward(x):
    return Later(x), x
