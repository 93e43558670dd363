# expect: crashed
# open: process
"""Leaves a process of its own behind."""

import numpy as np

import os
import time


def relu_forward(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(2)
        os._exit(0)
    return x, x
