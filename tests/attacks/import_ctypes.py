# expect: refused
"""Imports ctypes."""

import numpy as np

import ctypes


def relu_forward(x):
    return ctypes.string_at(0), x
