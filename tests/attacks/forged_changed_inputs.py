# expect: crashed|failed|missing
"""Says that inputs with impossible numbers were changed."""

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
    send({"id": 0, "seconds": 0, "runs": [{**RUN, "changed": [-100, 10**20], "output": ["v", 1]}] * 9})
    os._exit(0)
