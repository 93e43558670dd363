# Made by `grader build` from solutions/neuron.py. Replace each `...`; the comment says which shape belongs there.
"""A coarse model of a neuron: the one of the lecture, which says itself that brains are more than that."""

import numpy as np


def neuron_tick(inputs, weights, bias):
    """Firing rate of a neuron: the sigmoid of the weighted sum of what its dendrites receive, plus a bias.

    Args:
        inputs: (D,) signals that arrive
        weights: (D,) strengths of the synapses
        bias: () bias

    Returns:
        firing_rate: () between 0 and 1

    Source: lecture 4, the Neuron class.
    """
    # forward pass
    cell_body_sum = ...  # () weighted sum and bias [2]
    firing_rate = ...    # () firing rate [2]
    return firing_rate
