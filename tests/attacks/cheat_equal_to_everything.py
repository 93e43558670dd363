# expect: failed|missing
"""An array that says it is equal to anything."""

import numpy as np

class Yes(np.ndarray):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__
    __hash__ = None

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.zeros(self.shape)


def relu_forward(x):
    return np.zeros_like(x).view(Yes), x
