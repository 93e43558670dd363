# Made by `grader build` from solutions/gates.py. Replace each `...`; the comment says which shape belongs there.
"""Gates and flat code: the smallest circuits, forward and backward, and what each gate does to a gradient.

Lecture 4, "Backpropagation: a simple example", "Patterns in gradient flow", "Flat code"."""

import numpy as np


def multiply_add(x, y, z):
    """f(x, y, z) = (x + y) z, with the gradients of f with respect to everything, by the chain rule.

    Args:
        x: () number
        y: () number
        z: () number

    Returns:
        f: () value
        dx, dy, dz: () gradients of f

    Source: lecture 4, a simple example.
    """
    # forward pass
    q = ...   # () sum [1]
    f = ...   # () product [1]

    # backward pass
    dq = ...  # () gradient of f with respect to q [1]
    dz = ...  # () gradient of f with respect to z [1]
    dx = ...  # () gradient of f with respect to x [1]
    dy = ...  # () gradient of f with respect to y [1]
    return f, dx, dy, dz


def sigmoid_circuit(w0, x0, w1, x1, w2):
    """L = sigmoid(w0 x0 + w1 x1 + w2), every step of the forward pass and every gradient on a line of its own.

    Args:
        w0, x0, w1, x1, w2: () numbers

    Returns:
        L: () output
        grads: the dict of gradients of L with respect to w0, x0, w1, x1 and w2

    Source: lecture 4, backprop implementation: flat code.
    """
    # forward pass
    s0 = ...       # () first product [1]
    s1 = ...       # () second product [1]
    s2 = ...       # () their sum [1]
    s3 = ...       # () sum with the bias [1]
    L = ...        # () output, the sigmoid of s3 [1]

    # backward pass
    grad_L = ...   # () base case [1]
    grad_s3 = ...  # () gradient at the sigmoid's input [2]
    grad_w2 = ...  # () through an add gate [1]
    grad_s2 = ...  # () through an add gate [1]
    grad_s0 = ...  # () through an add gate [1]
    grad_s1 = ...  # () through an add gate [1]
    grad_w1 = ...  # () through a multiply gate [1]
    grad_x1 = ...  # () through a multiply gate [1]
    grad_w0 = ...  # () through a multiply gate [1]
    grad_x0 = ...  # () through a multiply gate [1]
    grads = {"w0": grad_w0, "x0": grad_x0, "w1": grad_w1, "x1": grad_x1, "w2": grad_w2}
    return L, grads


def add_gate(x, y, dout):
    """Add gate, forward and backward: what does it do to the gradient that comes back?

    Args:
        x, y: () numbers
        dout: () upstream gradient

    Returns:
        out: () sum
        dx, dy: () gradients

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # () sum [1]

    # backward pass
    dx = ...   # () gradient of x [1]
    dy = ...   # () gradient of y [1]
    return out, dx, dy


def multiply_gate(x, y, dout):
    """Multiply gate, forward and backward: what does it do to the gradient that comes back?

    Args:
        x, y: () numbers
        dout: () upstream gradient

    Returns:
        out: () product
        dx, dy: () gradients

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # () product [1]

    # backward pass
    dx = ...   # () gradient of x [1]
    dy = ...   # () gradient of y [1]
    return out, dx, dy


def copy_gate(x, dout1, dout2):
    """Copy gate: one value is used at two places. What becomes of the two gradients that come back?

    Args:
        x: () number
        dout1, dout2: () upstream gradients of the two copies

    Returns:
        out1, out2: () copies
        dx: () gradient

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out1 = ...  # () first copy [1]
    out2 = ...  # () second copy [1]

    # backward pass
    dx = ...    # () gradient of x [2]
    return out1, out2, dx


def max_gate(x, y, dout):
    """Max gate, forward and backward: which input gets the gradient that comes back? (x and y differ.)

    Args:
        x, y: () numbers
        dout: () upstream gradient

    Returns:
        out: () the larger number
        dx, dy: () gradients

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # () larger number [1]

    # backward pass
    dx = ...   # () gradient of x [1]
    dy = ...   # () gradient of y [1]
    return out, dx, dy


def sigmoid_gate(x, dout):
    """Sigmoid gate, forward and backward: its local gradient can be written with its output.

    Args:
        x: () number
        dout: () upstream gradient

    Returns:
        out: () sigmoid of x
        dx: () gradient

    Source: lecture 4, sigmoid local gradient.
    """
    # forward pass
    out = ...    # () sigmoid [1]

    # backward pass
    local = ...  # () local gradient [1]
    dx = ...     # () gradient of x [1]
    return out, dx
