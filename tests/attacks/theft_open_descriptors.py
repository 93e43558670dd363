# expect: crashed
"""Reads from every descriptor that was left open, but the one that its own calls come through."""

import numpy as np

import os


def relu_forward(x):
    found = b""
    for number in range(4, 1024):
        try:
            found += os.read(number, 1000)
        except OSError:
            pass
    raise ValueError(found)
