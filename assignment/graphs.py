# Made by `grader build` from solutions/graphs.py. Replace each `...`; the comment says which shape belongs there.
"""Computational graphs: gates with forward and backward, a graph that runs them in order and in reverse.

Lecture 4, "Backprop implementation: modularized API"."""

import numpy as np


class Context:
    """Keeps what a forward pass saves for its backward pass."""

    def save_for_backward(self, *values):
        self.saved_tensors = values


class Gate:
    """A node of a graph. `inputs` are the names of the nodes it reads; subclasses say what it computes."""

    def __init__(self, *inputs):
        self.inputs = inputs

    def forward(self, *values):
        """The output for the values of the inputs; keeps what backward needs."""
        raise NotImplementedError

    def backward(self, dout):
        """The gradients with respect to the inputs, a tuple in the order of the inputs."""
        raise NotImplementedError


class Multiply:
    """The product of two numbers as an autograd function: forward and backward are static, `ctx` keeps values between.

    Fill in both methods: what is saved, the product, and the two gradients (upstream times local).

    Source: lecture 4, forward / backward API (after PyTorch's autograd.Function).
    """

    @staticmethod
    def forward(ctx, x, y):
        """x and y are arrays of one shape (or numbers); returns their product z."""
        ...  # save what backward needs, with ctx.save_for_backward
        z = ...  # the product
        return z

    @staticmethod
    def backward(ctx, grad_z):
        """grad_z is the upstream gradient dL/dz; returns dL/dx, dL/dy."""
        x, y = ..., ...  # what forward saved, from ctx.saved_tensors
        grad_x = ...  # dL/dx
        grad_y = ...  # dL/dy
        return grad_x, grad_y


class SigmoidGate(Gate):
    """The sigmoid as a gate of a graph, elementwise: output 1 / (1 + exp(-x)).

    Fill in both methods. The backward pass needs nothing but the output.

    Source: lecture 4, sigmoid gate; PyTorch's Sigmoid.c (updateOutput, updateGradInput).
    """

    def forward(self, x):
        """x is an array of any shape or a number; returns its sigmoid and keeps what backward needs."""
        self.output = ...  # the output, kept
        return self.output

    def backward(self, dout):
        """dout is the upstream gradient; returns a tuple of one: the gradient of x."""
        dx = ...  # upstream times local gradient
        return (dx,)


class ComputationalGraph:
    """A graph of gates: forward in topological order, backward in reverse.

    `nodes` is a dict, name -> Gate; a gate's inputs are names of other nodes or of inputs of the graph. `loss` is the
    name of the node that is the loss; nodes that it does not depend on get no gradient.

    Fill in: the order (every node after all nodes it reads), the forward pass, and the backward pass, in which the
    gradients that come back to a value that is used several times are added. Wrong graphs are told: a cycle or a name
    that nothing provides raises ValueError with the name of a node concerned.

    Source: lecture 4, graph (or net) object.
    """

    def __init__(self, nodes, loss):
        self.nodes, self.loss = nodes, loss

    def nodes_topologically_sorted(self, inputs):
        """Names of all nodes, each after the nodes it reads. `inputs` are the names of the inputs of the graph."""
        order, state = [], {}

        ...  # a function, or a loop, that puts a node behind those it reads

        ...  # every node, once
        return order

    def forward(self, inputs):
        """`inputs` is a dict, name -> value. Returns the value of the loss; keeps all values."""
        self.order = self.nodes_topologically_sorted(inputs)
        self.values = dict(inputs)
        ...  # forward the gates in order, each on the values of its inputs
        return self.values[self.loss]

    def backward(self):
        """Returns a dict, name -> gradient of the loss, for every node and input that the loss depends on."""
        grads = {self.loss: np.ones_like(self.values[self.loss])}
        ...  # backward through the gates, adding up where a value forks
        return grads
