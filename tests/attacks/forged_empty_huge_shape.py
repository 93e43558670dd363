# expect: crashed
"""Announces an empty array with an impossible length."""

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
    send({"id": 0, "seconds": 0, "runs": [], "arrays": [["<f8", [0, 10**30]]]})
