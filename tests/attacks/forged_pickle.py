# expect: crashed
"""Sends a pickle in place of a frame."""

import numpy as np

import json
import os
import struct


def send(header, body=b""):
    text = json.dumps({"arrays": [], **header}).encode()
    data = struct.pack("<4sII", b"FB1\n", len(text), len(body)) + text + body
    while data:
        data = data[os.write(4, data) :]


RUN = {"output": None, "error": None, "changed": [], "observed": []}


def relu_forward(x):
    os.write(4, b"\x80\x04cos\nsystem\n(S'touch @FOLDER@/pickle'\ntR.")
