"""One neuron as the lecture writes it: a weighted sum of inputs, then a firing rate.

Lecture 4, neural networks, the class Neuron.
"""

import numpy as np

from grader.exercise import Mistake


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
    cell_body_sum = np.sum(inputs * weights) + bias      # () what collects in the cell body [2]
    firing_rate = 1.0 / (1.0 + np.exp(-cell_body_sum))   # () how strongly the neuron fires [2]
    return firing_rate


def cases(rng):
    """Inputs; sums of moderate size, where the sigmoid is not flat."""
    for name, D, bias in (
        ("five inputs", 5, 0.4),
        ("one input", 1, -0.7),
        ("two inputs, no bias", 2, 0.0),
        ("nine inputs", 9, -1.3),
        ("many inputs", 40, 0.9),
    ):
        weights = rng.standard_normal(D) / np.sqrt(D)
        yield name, {"inputs": rng.standard_normal(D), "weights": weights, "bias": bias}


MISTAKES = [
    Mistake("bias-forgotten", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs * weights)", hint="What does the cell body hold when nothing arrives?"),
    Mistake("bias-subtracted", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs * weights) - bias", hint="Which sign has the bias?"),
    Mistake("bias-once-per-input", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs * weights + bias)", hint="How many biases has one neuron, and how many inputs?"),
    Mistake("weights-forgotten", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs) + bias", hint="Are all connections equally strong?"),
    Mistake("product-of-sums", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.sum(inputs) * np.sum(weights) + bias", hint="Each input meets its own weight. In which order do multiplying and adding happen then?"),
    Mistake("mean-instead-of-sum", of="neuron_tick", stage="cell_body_sum", code="cell_body_sum = np.mean(inputs * weights) + bias", hint="Does a neuron with more dendrites collect more, or the same?"),
    Mistake("sign-of-the-exponent", of="neuron_tick", stage="firing_rate", code="firing_rate = 1.0 / (1.0 + np.exp(cell_body_sum))", hint="Does your neuron fire more, or less, when the sum grows?"),
    Mistake("one-forgotten", of="neuron_tick", stage="firing_rate", code="firing_rate = 1.0 / np.exp(-cell_body_sum)", hint="What keeps a firing rate below 1?"),
    Mistake("relu-instead-of-sigmoid", of="neuron_tick", stage="firing_rate", code="firing_rate = np.maximum(0, cell_body_sum)", hint="That is another activation function. Between which two values does this one stay?"),
    Mistake("tanh-instead-of-sigmoid", of="neuron_tick", stage="firing_rate", code="firing_rate = np.tanh(cell_body_sum)", hint="Can a rate be negative?"),
    Mistake("step-instead-of-sigmoid", of="neuron_tick", stage="firing_rate", code="firing_rate = (cell_body_sum > 0) * 1.0", hint="This neuron does not only fire or rest: its rate changes smoothly."),
]
