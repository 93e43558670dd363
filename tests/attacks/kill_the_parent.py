# expect: crashed
"""Asks whether it may kill its parent."""

import numpy as np

import os


def relu_forward(x):
    os.kill(os.getppid(), 0)
    os.kill(os.getppid(), 10)
    return x, x
