# expect: crashed
# open: written
"""Starts a program without a fork of its own."""

import numpy as np

import os


def relu_forward(x):
    pid = os.posix_spawn("/usr/bin/touch", ["touch", "@FOLDER@/spawn"], {})
    os.waitpid(pid, 0)
    return x, x
