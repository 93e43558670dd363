# expect: stopped
"""Never ends, whatever is raised in it."""

import numpy as np


def relu_forward(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
