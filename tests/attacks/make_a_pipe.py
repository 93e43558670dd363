# expect: crashed
# open: written
"""Makes a named pipe."""

import numpy as np

import os


def relu_forward(x):
    os.mkfifo("@FOLDER@/pipe")
    return x, x
