# expect: crashed
# open: connected
"""Connects to a server."""

import numpy as np


def relu_forward(x):
    __import__("sock" + "et").create_connection(("127.0.0.1", @PORT@), 1)
    return x, x
