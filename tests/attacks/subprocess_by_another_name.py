# expect: crashed
# open: written
"""Runs a command by an import that is not seen."""

import numpy as np


def relu_forward(x):
    __import__("sub" + "process").run(["touch", "@FOLDER@/subprocess"])
    return x, x
