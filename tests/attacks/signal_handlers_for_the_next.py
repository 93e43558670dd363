# expect: failed|missing
"""Leaves timers and handlers behind."""

import numpy as np


def relu_forward(x):
    signal = __import__("sig" + "nal")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_VIRTUAL, 100)
    return None
