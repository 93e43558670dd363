# expect: crashed
# open: killed
"""Kills a process that is not its own."""

import numpy as np

import os


def relu_forward(x):
    os.kill(@PID@, 9)
    return x, x
