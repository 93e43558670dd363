# expect: crashed
# open: secret
"""Lists a folder of other submissions."""

import numpy as np

import os


def relu_forward(x):
    size = x.size
    raise ValueError(os.listdir("@FOLDER@"))
