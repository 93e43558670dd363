# expect: refused
"""Imports scipy."""

import numpy as np

from scipy.special import expit


def relu_forward(x):
    return expit(x), x
