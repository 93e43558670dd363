# expect: refused
"""Imports torch."""

import numpy as np

import torch


def relu_forward(x):
    return torch.relu(x), x
