# expect: failed|crashed|missing
"""Returns a list that holds itself."""

import numpy as np


def relu_forward(x):
    made = []
    made.append(made)
    return made, x
