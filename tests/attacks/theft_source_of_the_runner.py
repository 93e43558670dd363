# expect: crashed
"""Wants the source of what calls it, to find its way."""

import numpy as np

import inspect, sys


def relu_forward(x):
    size = x.size
    raise ValueError(inspect.getsource(sys.modules["grader.child"]))
