# expect: failed|crashed|stopped|missing
"""Returns a text of a hundred million characters."""

import numpy as np


def relu_forward(x):
    return "x" * 10**8, x
