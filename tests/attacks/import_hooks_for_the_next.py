# expect: failed|missing
"""Leaves an import hook behind."""

import numpy as np

import sys


def relu_forward(x):
    sys.meta_path.insert(0, None)
    sys.path_hooks.insert(0, None)
    sys.modules['numpy'] = None
    return None
