# expect: crashed
"""Changes numpy for everybody."""

import numpy as np


def relu_forward(x):
    open(np.__file__, "r+").close()
    return x, x
