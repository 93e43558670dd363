# expect: crashed
# open: written
"""Fills the disk."""

import numpy as np


def relu_forward(x):
    with open("@FOLDER@/filled", "wb") as file:
        while file.write(bytes(10**6)):
            if file.tell() > 10**7:
                return x, x
