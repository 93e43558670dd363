# expect: failed|missing
"""Returns an object that runs code where it is unpickled."""

import numpy as np

import os


class Pickled:
    def __reduce__(self):
        return os.system, ("touch @FOLDER@/unpickled",)


def relu_forward(x):
    return Pickled(), x
