# expect: crashed
"""Goes from a readable folder up to one that is not."""

import numpy as np

import os


def relu_forward(x):
    with open(os.path.join(os.path.dirname(os.__file__), "..", "..", "..", "..", "..", "..", "@SECRET@".lstrip("/"))) as file:
        raise ValueError(file.read())
