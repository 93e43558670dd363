# expect: crashed|stopped
"""Fills the pipe of results with nonsense."""

import numpy as np

import os


def relu_forward(x):
    while True:
        os.write(4, b"x" * 10**6)
