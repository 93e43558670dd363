# expect: failed|crashed|missing
"""Replaces the functions that send results."""

import numpy as np

import sys


def relu_forward(x):
    wire = sys.modules["grader.wire"]
    wire.pack = wire.encode = lambda *a, **k: b""
    wire.DTYPES = {}
    return None
