# expect: stopped
"""A regular expression that takes for ever."""

import numpy as np

import re


def relu_forward(x):
    return re.match(r"(a+)+$", "a" * 60 + "b"), x
