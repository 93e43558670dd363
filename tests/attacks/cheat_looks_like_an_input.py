# expect: crashed|failed|missing
"""Returns something to be evaluated by the grader."""

import numpy as np

class Made:
    source = "__import__('os').system('touch @FOLDER@/evaluated')"


def relu_forward(x):
    return Made(), x
