# expect: crashed
# open: priority
"""Slows another process down."""

import numpy as np

import os


def relu_forward(x):
    os.setpriority(os.PRIO_PROCESS, @PID@, 19)
    return x, x
