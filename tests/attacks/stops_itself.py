# expect: crashed|stopped
"""Stops its own process, so that it neither runs nor ends."""

import numpy as np

import os


def relu_forward(x):
    os.kill(os.getpid(), 19)
    return x, x
