# expect: failed|crashed|stopped|missing
"""Returns a list nested a hundred thousand deep."""

import numpy as np


def relu_forward(x):
    made = []
    for _ in range(10**5):
        made = [made]
    return made, x
