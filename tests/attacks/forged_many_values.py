# expect: crashed|failed|stopped|missing
"""Sends a hundred thousand observed values, to keep the grader busy."""

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
    seen = [["out", 3, "attack.py", ["v", 1.5]]] * 100_000
    send({"id": 0, "seconds": 0, "runs": [{**RUN, "output": ["v", 1], "observed": seen}] * 2})
    os._exit(0)
