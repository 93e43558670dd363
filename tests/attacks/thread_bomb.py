# expect: crashed
"""Starts threads without end."""

import numpy as np


def relu_forward(x):
    thread = __import__("_thr" + "ead")
    while True:
        thread.start_new_thread(print, ())
