# expect: crashed
"""Reads from every descriptor that was left open."""

import numpy as np

import os


def relu_forward(x):
    found = b""
    for number in range(3, 1024):
        try:
            found += os.read(number, 1000)
        except OSError:
            pass
    raise ValueError(found)
