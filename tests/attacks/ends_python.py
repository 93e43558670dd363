# expect: crashed
"""Raises SystemExit."""

import numpy as np

import sys


def relu_forward(x):
    sys.exit(0)
