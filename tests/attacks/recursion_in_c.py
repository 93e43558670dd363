# expect: crashed|failed|stopped|missing
"""Overflows the stack below Python."""

import numpy as np

import sys


def relu_forward(x):
    sys.setrecursionlimit(10**9)
    return relu_forward(x)
