# expect: failed|crashed|missing
"""Replaces the function that calls it."""

import numpy as np

import sys


def relu_forward(x):
    child = sys.modules["grader.child"]
    child.call = lambda *a, **k: {"output": None, "error": None, "changed": [], "records": []}
    child._reply = lambda *a, **k: {"output": ["v", 1], "error": None, "changed": [], "observed": []}
    return None
