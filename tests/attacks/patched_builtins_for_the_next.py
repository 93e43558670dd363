# expect: failed|crashed|missing
"""Patches Python for whoever comes next."""

import numpy as np

import builtins


def relu_forward(x):
    builtins.len = builtins.range = builtins.print = lambda *a: 0
    return None
