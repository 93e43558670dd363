# expect: crashed
"""Opens the memory of its parent."""

import numpy as np

import os


def relu_forward(x):
    with open(f"/proc/{os.getppid()}/maps") as file:
        raise ValueError(file.read())
