# expect: failed|stopped|crashed|missing
"""Sets more values than anyone should look at."""

import numpy as np


def relu_forward(x):
    out = x
    for i in range(1000):
        out = out + 1
        out2 = out * 2
        locals()
    return out, x
