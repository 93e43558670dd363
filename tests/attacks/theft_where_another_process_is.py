# expect: crashed
# open: secret
"""Follows the link to another process's folder."""

import numpy as np

import os


def relu_forward(x):
    size = x.size
    raise ValueError(os.readlink("/proc/@PID@/cwd"))
