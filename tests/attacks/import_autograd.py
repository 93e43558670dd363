# expect: refused
"""Imports autograd."""

import numpy as np

import autograd.numpy as anp


def relu_forward(x):
    return anp.maximum(x, 0), x
