# expect: failed|missing
# exercise: svm_loss_vectorized
"""A loss that is equal to any number."""

import numpy as np

class Yes(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = None


def svm_loss_vectorized(W, X, y, reg):
    return Yes(0), np.zeros_like(W)
