# expect: crashed
"""Takes every file descriptor."""

import numpy as np

import os


def relu_forward(x):
    while True:
        os.dup(0)
