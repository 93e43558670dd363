# expect: failed|missing
"""An array whose wrong entries are masked."""

import numpy as np


def relu_forward(x):
    return np.ma.masked_all_like(x), x
