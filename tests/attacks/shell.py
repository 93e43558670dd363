# expect: crashed|failed|missing
# open: written
"""Runs a command."""

import numpy as np

import os


def relu_forward(x):
    return os.system("touch @FOLDER@/shell"), x
