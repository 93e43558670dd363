# expect: crashed
# open: secret
"""Makes a link to a file at a place it hopes to read."""

import numpy as np

import os


def relu_forward(x):
    os.symlink("@SECRET@", "@FOLDER@/link")
    with open("@FOLDER@/link") as file:
        raise ValueError(file.read())
