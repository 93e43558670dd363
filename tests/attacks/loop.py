# expect: stopped
"""Never ends."""

import numpy as np


def relu_forward(x):
    while True:
        pass
