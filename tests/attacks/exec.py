# expect: crashed
# open: written
"""Becomes another program."""

import numpy as np

import os


def relu_forward(x):
    os.execv("/bin/sh", ["sh", "-c", "touch @FOLDER@/exec"])
