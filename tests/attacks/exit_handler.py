# expect: failed|missing
"""Leaves a handler for the end of the process."""

import numpy as np

import atexit


def relu_forward(x):
    atexit.register(lambda: open("@FOLDER@/atexit", "w"))
    return None
