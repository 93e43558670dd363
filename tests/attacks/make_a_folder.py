# expect: crashed
# open: written
"""Makes a folder."""

import numpy as np

import os


def relu_forward(x):
    os.mkdir("@FOLDER@/folder")
    return x, x
