# expect: failed|missing
"""An array that lies about its shape and size."""

import numpy as np

class Liar(np.ndarray):
    shape = (10**9, 10**9)
    size = 0
    nbytes = 0


def relu_forward(x):
    made = np.zeros(1).view(Liar)
    return made, x
