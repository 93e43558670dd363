# expect: crashed
"""Reads the list of users."""

import numpy as np


def relu_forward(x):
    with open("/etc/passwd") as file:
        raise ValueError(file.read())
