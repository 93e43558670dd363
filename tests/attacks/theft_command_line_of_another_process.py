# expect: crashed
# open: secret
"""Reads another process's command line."""

import numpy as np


def relu_forward(x):
    with open("/proc/@PID@/cmdline") as file:
        raise ValueError(file.read())
