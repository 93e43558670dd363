# expect: stopped|crashed
"""Raises an exception whose text never comes to an end."""

import numpy as np

class Endless(Exception):
    def __str__(self):
        while True:
            pass


def relu_forward(x):
    size = x.size
    raise Endless
