# expect: crashed
"""Hands out the command line it was started with."""

import numpy as np

import sys


def relu_forward(x):
    size = x.size
    raise ValueError(str(sys.argv) + str(sys.orig_argv))
