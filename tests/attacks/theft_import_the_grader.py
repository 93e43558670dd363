# expect: crashed
"""Imports the part of the grader that knows answers."""

import numpy as np


def relu_forward(x):
    import grader.replay
    return grader.replay, x
