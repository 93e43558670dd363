# expect: stopped
"""Takes memory until there is none."""

import numpy as np


def relu_forward(x):
    kept = []
    while True:
        kept.append(np.ones(10**6))
