# expect: stopped
"""Switches the alarm off, then never ends."""

import numpy as np


def relu_forward(x):
    signal = __import__("sig" + "nal")
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGXCPU, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass
