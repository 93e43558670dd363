# expect: crashed
"""Ends the process as if all were well."""

import numpy as np

import os


def relu_forward(x):
    os._exit(0)
