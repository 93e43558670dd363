# expect: crashed
"""Waits for visitors."""

import numpy as np


def relu_forward(x):
    __import__("sock" + "et").create_server(("127.0.0.1", 0))
    return x, x
