# expect: failed|crashed|missing
"""Sends a frame of its own in place of the runner's, with points in it."""

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
    send({"id": 0, "seconds": 0, "points": 99, "outcome": "passed", "runs": [{**RUN, "output": ["v", 1], "points": 99}] * 9})
    os._exit(0)
