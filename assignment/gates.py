# Made by `grader build` from solutions/gates.py. Replace each `...`; the comment says which shape belongs there.
"""Gates, and two small circuits made of them: upstream gradient times local gradient, one line a node.

Lecture 4, computational graphs, "Patterns in gradient flow" and "Backprop implementation: flat code"."""

import numpy as np


def multiply_add(x, y, z):
    """The lecture's first circuit, f = (x + y) z, forward and backward, one node a line.

    The inputs are numbers, or arrays of one shape; then every entry is a circuit of its own.

    Args:
        x: (...) first input of the add gate
        y: (...) second input of the add gate
        z: (...) second input of the multiply gate

    Returns:
        f: (...) output of the circuit
        dx: (...) df/dx
        dy: (...) df/dy
        dz: (...) df/dz

    Source: lecture 4, backpropagation, a simple example.
    """
    # forward pass
    q = ...   # (...) output of the add gate [1]
    f = ...   # (...) output of the circuit [1]

    # backward pass
    dq = ...  # (...) df/dq [1]
    dx = ...  # (...) df/dx [1]
    dy = ...  # (...) df/dy [1]
    dz = ...  # (...) df/dz [1]
    return f, dx, dy, dz


def sigmoid_circuit(w0, x0, w1, x1, w2):
    """L = sigmoid(w0 x0 + w1 x1 + w2) and its gradient, as flat code: every node has a line in each pass.

    Args:
        w0: () weight of x0
        x0: () first input
        w1: () weight of x1
        x1: () second input
        w2: () weight that stands alone, the bias

    Returns:
        L: () output of the circuit
        grad_w0: () dL/dw0
        grad_x0: () dL/dx0
        grad_w1: () dL/dw1
        grad_x1: () dL/dx1
        grad_w2: () dL/dw2

    Source: lecture 4, backprop implementation: flat code.
    """
    # forward pass
    s0 = ...       # () first product [1]
    s1 = ...       # () second product [1]
    s2 = ...       # () both products together [1]
    s3 = ...       # () what goes into the sigmoid [1]
    L = ...        # () output, the sigmoid of s3 [1]

    # backward pass
    grad_L = ...   # () dL/dL, the base case [1]
    grad_s3 = ...  # () dL/ds3 [2]
    grad_w2 = ...  # () dL/dw2 [1]
    grad_s2 = ...  # () dL/ds2 [1]
    grad_s0 = ...  # () dL/ds0 [1]
    grad_s1 = ...  # () dL/ds1 [1]
    grad_w1 = ...  # () dL/dw1 [1]
    grad_x1 = ...  # () dL/dx1 [1]
    grad_w0 = ...  # () dL/dw0 [1]
    grad_x0 = ...  # () dL/dx0 [1]
    return L, grad_w0, grad_x0, grad_w1, grad_x1, grad_w2


def add_gate(x, y, dout):
    """Add gate, out = x + y: what does it do to the gradient that comes back?

    Args:
        x: (...) first input, a number or an array of any shape
        y: (...) second input, of the shape of x
        dout: (...) upstream gradient, dL/dout

    Returns:
        out: (...) output
        dx: (...) dL/dx
        dy: (...) dL/dy

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # (...) output [1]

    # backward pass
    dx = ...   # (...) dL/dx [1]
    dy = ...   # (...) dL/dy [1]
    return out, dx, dy


def multiply_gate(x, y, dout):
    """Multiply gate, out = x y, entry by entry: what does it do to the gradient that comes back?

    Args:
        x: (...) first factor, a number or an array of any shape
        y: (...) second factor, of the shape of x
        dout: (...) upstream gradient, dL/dout

    Returns:
        out: (...) output
        dx: (...) dL/dx
        dy: (...) dL/dy

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # (...) output [1]

    # backward pass
    dx = ...   # (...) dL/dx [1]
    dy = ...   # (...) dL/dy [1]
    return out, dx, dy


def copy_gate(x, dout1, dout2):
    """Copy gate: one value goes to two places, so two gradients come back.

    Args:
        x: (...) input, a number or an array of any shape
        dout1: (...) upstream gradient of the first copy, dL/dout1
        dout2: (...) upstream gradient of the second copy, dL/dout2

    Returns:
        out1: (...) first copy
        out2: (...) second copy
        dx: (...) dL/dx

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out1 = ...  # (...) first copy [1]
    out2 = ...  # (...) second copy [1]

    # backward pass
    dx = ...    # (...) dL/dx [2]
    return out1, out2, dx


def max_gate(x, y, dout):
    """Max gate, out = max(x, y), entry by entry: which of the inputs gets the gradient?

    Where both are equal (no test asks for it) x counts as the larger one.

    Args:
        x: (...) first input, a number or an array of any shape
        y: (...) second input, of the shape of x
        dout: (...) upstream gradient, dL/dout

    Returns:
        out: (...) output
        dx: (...) dL/dx
        dy: (...) dL/dy

    Source: lecture 4, patterns in gradient flow.
    """
    # forward pass
    out = ...  # (...) output [1]

    # backward pass
    dx = ...   # (...) dL/dx [1]
    dy = ...   # (...) dL/dy [1]
    return out, dx, dy


def sigmoid_gate(x, dout):
    """Sigmoid gate, out = 1 / (1 + exp(-x)): four small nodes seen as one, with a short local gradient.

    Args:
        x: (...) input, a number or an array of any shape
        dout: (...) upstream gradient, dL/dout

    Returns:
        out: (...) output
        dx: (...) dL/dx

    Source: lecture 4, the sigmoid local gradient.
    """
    # forward pass
    out = ...  # (...) output [1]

    # backward pass
    dx = ...   # (...) dL/dx [2]
    return out, dx
