# expect: crashed
# open: secret
"""Runs the file as Python: the text shows up in the error."""

import numpy as np


def relu_forward(x):
    import importlib.util
    spec = importlib.util.spec_from_file_location("secret", "@SECRET@.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    raise ValueError(module.text)
