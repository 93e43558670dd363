"""Gates and flat code: the smallest circuits, forward and backward, and what each gate does to a gradient.

Lecture 4, "Backpropagation: a simple example", "Patterns in gradient flow", "Flat code".
"""

import numpy as np

from grader.exercise import Mistake


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
    q = x + y      # () sum [1]
    f = q * z      # () product [1]

    # backward pass
    dq = 1.0 * z   # () gradient of f with respect to q [1]
    dz = 1.0 * q   # () gradient of f with respect to z [1]
    dx = dq        # () gradient of f with respect to x [1]
    dy = dq        # () gradient of f with respect to y [1]
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
    s0 = w0 * x0                        # () first product [1]
    s1 = w1 * x1                        # () second product [1]
    s2 = s0 + s1                        # () their sum [1]
    s3 = s2 + w2                        # () sum with the bias [1]
    L = 1.0 / (1.0 + np.exp(-s3))       # () output, the sigmoid of s3 [1]

    # backward pass
    grad_L = 1.0                        # () base case [1]
    grad_s3 = grad_L * (1.0 - L) * L    # () gradient at the sigmoid's input [2]
    grad_w2 = grad_s3                   # () through an add gate [1]
    grad_s2 = grad_s3                   # () through an add gate [1]
    grad_s0 = grad_s2                   # () through an add gate [1]
    grad_s1 = grad_s2                   # () through an add gate [1]
    grad_w1 = grad_s1 * x1              # () through a multiply gate [1]
    grad_x1 = grad_s1 * w1              # () through a multiply gate [1]
    grad_w0 = grad_s0 * x0              # () through a multiply gate [1]
    grad_x0 = grad_s0 * w0              # () through a multiply gate [1]
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
    out = x + y    # () sum [1]

    # backward pass
    dx = dout      # () gradient of x [1]
    dy = dout      # () gradient of y [1]
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
    out = x * y        # () product [1]

    # backward pass
    dx = dout * y      # () gradient of x [1]
    dy = dout * x      # () gradient of y [1]
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
    out1 = 1.0 * x         # () first copy [1]
    out2 = 1.0 * x         # () second copy [1]

    # backward pass
    dx = dout1 + dout2     # () gradient of x [2]
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
    out = np.maximum(x, y)   # () larger number [1]

    # backward pass
    dx = dout * (x > y)      # () gradient of x [1]
    dy = dout * (y > x)      # () gradient of y [1]
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
    out = 1.0 / (1.0 + np.exp(-x))       # () sigmoid [1]

    # backward pass
    local = (1.0 - out) * out            # () local gradient [1]
    dx = dout * local                    # () gradient of x [1]
    return out, dx


def cases(rng):
    """Inputs of all exercises: numbers."""
    names = ("x", "y", "z", "w0", "x0", "w1", "x1", "w2", "dout", "dout1", "dout2")
    for case in range(5):
        yield f"numbers {case + 1}", dict(zip(names, (float(v) for v in rng.standard_normal(len(names))), strict=True))
    lecture = dict(zip(names, (-2.0, 5.0, -4.0, 2.0, -1.0, -3.0, -2.0, -3.0, 2.0, 3.0, -4.0), strict=True))
    yield "the lecture's numbers", lecture


def _slips(of, *slips):
    return [Mistake(name, of=of, stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = [
    *_slips(
        "multiply_add",
        ("product-for-sum", "q", "q = x * y", "Which gate comes first?"),
        ("sum-for-product", "f", "f = q + z", "Which gate comes second?"),
        ("own-factor", "dq", "dq = 1.0 * q", "A multiply gate hands each input the other input's value."),
        ("own-factor-z", "dz", "dz = 1.0 * z", "A multiply gate hands each input the other input's value."),
        ("local-only", "dx", "dx = 1.0", "Upstream gradient times local gradient."),
        ("times-the-other-term", "dy", "dy = dq * x", "What is the local gradient of a sum?"),
    ),
    *_slips(
        "sigmoid_circuit",
        ("sign-of-the-exponent", "L", "L = 1.0 / (1.0 + np.exp(s3))", "Does the sigmoid rise or fall with its input?"),
        ("bias-multiplied", "s3", "s3 = s2 * w2", "How does the bias enter?"),
        ("half-of-the-sigmoid-gradient", "grad_s3", "grad_s3 = grad_L * L", "The local gradient has two factors."),
        ("input-instead-of-output", "grad_s3", "grad_s3 = grad_L * (1.0 - s3) * s3", "Is it the sigmoid's input or its output that the local gradient is written with?"),
        ("bias-gradient-times-the-bias", "grad_w2", "grad_w2 = grad_s3 * w2", "What is the local gradient of an add gate?"),
        ("not-swapped-w1", "grad_w1", "grad_w1 = grad_s1 * w1", "A multiply gate hands each input the other input's value."),
        ("not-swapped-x0", "grad_x0", "grad_x0 = grad_s0 * x0", "A multiply gate hands each input the other input's value."),
        ("split-in-two", "grad_s0", "grad_s0 = grad_s2 / 2", "Does an add gate share the gradient out, or hand all of it to each?"),
    ),
    *_slips(
        "add_gate",
        ("product", "out", "out = x * y", "Which gate is this?"),
        ("split-in-two", "dx", "dx = dout / 2", "Does each input get a share, or all of it?"),
        ("times-the-input", "dx", "dx = dout * x", "What is the local gradient of a sum?"),
        ("split-in-two-y", "dy", "dy = dout / 2", "Does each input get a share, or all of it?"),
        ("times-the-other-input", "dy", "dy = dout * x", "What is the local gradient of a sum?"),
        ("upstream-forgotten", "dy", "dy = 1.0", "Upstream gradient times local gradient."),
    ),
    *_slips(
        "multiply_gate",
        ("sum", "out", "out = x + y", "Which gate is this?"),
        ("not-swapped", "dx", "dx = dout * x", "Whose value is the local gradient?"),
        ("upstream-forgotten", "dx", "dx = 1.0 * y", "Upstream gradient times local gradient."),
        ("not-swapped-y", "dy", "dy = dout * y", "Whose value is the local gradient?"),
        ("distributed", "dy", "dy = 1.0 * dout", "That is what an add gate does."),
    ),
    *_slips(
        "copy_gate",
        ("doubled", "out1", "out1 = 2.0 * x", "A copy is the value itself."),
        ("negated", "out2", "out2 = -1.0 * x", "A copy is the value itself."),
        ("averaged", "dx", "dx = (dout1 + dout2) / 2", "How much does the loss change through both copies together?"),
        ("overwritten", "dx", "dx = 1.0 * dout2", "Two gradients come back: what becomes of the first?"),
        ("multiplied", "dx", "dx = dout1 * dout2", "How do two ways into the loss combine?"),
        ("larger-one", "dx", "dx = np.maximum(dout1, dout2)", "How do two ways into the loss combine?"),
    ),
    *_slips(
        "max_gate",
        ("minimum", "out", "out = np.minimum(x, y)", "Which of the two passes?"),
        ("distributed", "dx", "dx = 1.0 * dout", "Does the smaller input have any influence?"),
        ("wrong-way-round", "dx", "dx = dout * (x < y)", "Which input has influence?"),
        ("upstream-forgotten", "dy", "dy = 1.0 * (y > x)", "Upstream gradient times local gradient."),
        ("distributed-y", "dy", "dy = 1.0 * dout", "Does the smaller input have any influence?"),
    ),
    *_slips(
        "sigmoid_gate",
        ("sign-of-the-exponent", "out", "out = 1.0 / (1.0 + np.exp(x))", "Does the sigmoid rise or fall?"),
        ("tanh", "out", "out = np.tanh(x)", "Between which two values does a sigmoid lie?"),
        ("one-factor", "local", "local = 1.0 - out", "The local gradient has two factors."),
        ("input-instead-of-output", "local", "local = (1.0 - x) * x", "Is it the input or the output that it is written with?"),
        ("upstream-forgotten", "dx", "dx = 1.0 * local", "Upstream gradient times local gradient."),
    ),
]
