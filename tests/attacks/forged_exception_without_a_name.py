# expect: crashed
"""Raises an exception whose type's name is no text."""

import numpy as np

class Meta(type):
    __name__ = 7


class Nameless(Exception, metaclass=Meta):
    pass


def relu_forward(x):
    size = x.size
    raise Nameless
