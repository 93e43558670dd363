# expect: crashed
"""Reads another process's memory by a system call."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)

    class Span(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
    room = ctypes.create_string_buffer(8)
    mine, theirs = Span(ctypes.addressof(room), 8), Span(id(x), 8)
    if libc.process_vm_readv(@PID@, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return x, x
