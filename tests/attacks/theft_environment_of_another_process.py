# expect: crashed
# open: secret
"""Reads another process's environment."""

import numpy as np


def relu_forward(x):
    with open("/proc/@PID@/environ") as file:
        raise ValueError(file.read())
