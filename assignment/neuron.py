# Made by `grader build` from solutions/neuron.py. Replace each `...`; the comment says which shape belongs there.
"""One neuron as the lecture writes it: a weighted sum of inputs, then a firing rate.

Lecture 4, neural networks, the class Neuron."""

import numpy as np


def neuron_tick(inputs, weights, bias):
    """Firing rate of one neuron for one set of inputs (forward only).

    sum_d inputs_d * weights_d + bias, then the sigmoid 1 / (1 + exp(-.)).

    Args:
        inputs: (D,) what arrives over the D dendrites
        weights: (D,) strength of each connection
        bias: () bias

    Returns:
        firing_rate: () a number between 0 and 1

    Source: lecture 4, the class Neuron.
    """
    # forward pass
    cell_body_sum = ...  # () what collects in the cell body [2]
    firing_rate = ...    # () how strongly the neuron fires [2]
    return firing_rate
