# expect: stopped
"""Waits for a lock that it holds."""

import numpy as np


def relu_forward(x):
    lock = __import__("_thr" + "ead").allocate_lock()
    lock.acquire()
    lock.acquire()
