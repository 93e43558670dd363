# expect: crashed
"""Sends a datagram."""

import numpy as np


def relu_forward(x):
    s = __import__("sock" + "et")
    s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @PORT@))
    return x, x
