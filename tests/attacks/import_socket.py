# expect: refused
"""Imports socket."""

import numpy as np

from socket import *


def relu_forward(x):
    return create_server(('', 80)), x
