# expect: failed|missing
"""An array of objects that are equal to everything."""

import numpy as np

class Yes:
    def __eq__(self, other):
        return True

    __hash__ = None


def relu_forward(x):
    return np.array([Yes()] * x.size, dtype=object).reshape(x.shape), x
