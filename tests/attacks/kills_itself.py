# expect: crashed
"""Kills its own process."""

import numpy as np

import os


def relu_forward(x):
    os.kill(os.getpid(), 9)
    return x, x
