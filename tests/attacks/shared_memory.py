# expect: crashed
# open: shared
"""Leaves shared memory behind."""

import numpy as np

import os


def relu_forward(x):
    __import__("_posix" + "shmem").shm_open("/@NAME@", os.O_CREAT | os.O_RDWR, mode=0o600)
    return x, x
