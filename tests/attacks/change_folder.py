# expect: crashed
"""Changes into a folder."""

import numpy as np

import os


def relu_forward(x):
    os.chdir("@FOLDER@")
    return x, x
