# expect: refused
"""Imports subprocess."""

import numpy as np

import subprocess


def relu_forward(x):
    return subprocess.run('id'), x
