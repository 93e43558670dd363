# expect: crashed
"""Calls the kernel as a 32-bit program would, where calls have other numbers."""

import numpy as np


def relu_forward(x):
    ctypes = __import__("cty" + "pes")
    libc = ctypes.CDLL(None, use_errno=True)

    mmap = __import__("mm" + "ap")
    room = mmap.mmap(-1, 4096, prot=7)
    room.write(b"\xb8\x02\x00\x00\x00\xcd\x80\xc3")  # mov eax, 2; int 0x80; ret
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))(), x
