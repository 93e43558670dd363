# expect: crashed
# open: marks
"""Imports the reference from the kit's folder."""

import numpy as np

import sys


def relu_forward(x):
    sys.path.insert(0, "@KIT@/solutions")
    import relu
    return relu.relu_forward(x)
