# expect: crashed
# open: secret
"""Maps a file into memory."""

import numpy as np


def relu_forward(x):
    mapped = np.memmap("@SECRET@", dtype=np.uint8, mode="r")
    return np.array(mapped), x
