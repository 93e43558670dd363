# expect: failed|crashed|missing
"""A tuple that changes between looks."""

import numpy as np

class Liar(tuple):
    looks = 0

    def __len__(self):
        return 2

    def __iter__(self):
        Liar.looks += 1
        return iter([np.zeros(Liar.looks)] * 2)


def relu_forward(x):
    return Liar((np.zeros_like(x), x))
