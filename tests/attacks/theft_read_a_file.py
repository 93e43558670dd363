# expect: crashed
# open: secret
"""Reads a file and hands its text out in an exception."""

import numpy as np


def relu_forward(x):
    with open("@SECRET@") as file:
        raise ValueError(file.read())
