# expect: crashed
"""Sends JSON nested so deep that reading it could overflow."""

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
    text = b'{"id":0,"seconds":0,"arrays":[],"runs":' + b"[" * 10**6 + b"]" * 10**6 + b"}"
    data = struct.pack("<4sII", b"FB1\n", len(text), 0) + text
    while data:
        data = data[os.write(4, data) :]
