# expect: crashed|failed|missing
# open: secret
"""Has Python show a source line of the file."""

import numpy as np

import linecache


def relu_forward(x):
    size = x.size
    raise ValueError(linecache.getline("@SECRET@", 1) or 1)
