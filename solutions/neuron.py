"""A coarse model of a neuron: the one of the lecture, which says itself that brains are more than that."""

import numpy as np

from grader.exercise import Mistake


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
    cell_body_sum = np.sum(inputs * weights) + bias          # () weighted sum and bias [2]
    firing_rate = 1.0 / (1.0 + np.exp(-cell_body_sum))       # () firing rate [2]
    return firing_rate


def cases(rng):
    for d in (1, 3, 4, 6, 10):
        yield f"{d} inputs", {"inputs": rng.standard_normal(d), "weights": rng.standard_normal(d), "bias": float(rng.standard_normal())}


MISTAKES = [
    Mistake("bias-forgotten", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs * weights)", hint="What is added to the weighted sum?"),
    Mistake("bias-once-an-input", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs * weights + bias)", hint="How often is the bias added?"),
    Mistake("mean-for-sum", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.mean(inputs * weights) + bias", hint="Does a neuron with more inputs get less from each?"),
    Mistake("weights-added", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs + weights) + bias", hint="How does a synapse change the signal?"),
    Mistake("sign-of-the-exponent", of="neuron_tick", stage="firing_rate", code="firing_rate = 1.0 / (1.0 + np.exp(cell_body_sum))", hint="Does more input make it fire more?"),
    Mistake("tanh", of="neuron_tick", stage="firing_rate", code="firing_rate = np.tanh(cell_body_sum)", hint="Can a firing rate be negative?"),
]
