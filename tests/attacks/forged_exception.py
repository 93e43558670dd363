# expect: stopped|crashed
"""Raises an exception that is named like ours."""

import numpy as np

class OutOfTime(Exception):
    pass


def relu_forward(x):
    size = x.size
    raise OutOfTime
