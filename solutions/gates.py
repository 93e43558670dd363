"""Gates, and two small circuits made of them: upstream gradient times local gradient, one line a node.

Lecture 4, computational graphs, "Patterns in gradient flow" and "Backprop implementation: flat code".
"""

import numpy as np

from grader.exercise import Mistake, Variant


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
    q = x + y     # (...) output of the add gate [1]
    f = q * z     # (...) output of the circuit [1]

    # backward pass
    dq = z        # (...) df/dq [1]
    dx = dq       # (...) df/dx [1]
    dy = dq       # (...) df/dy [1]
    dz = q        # (...) df/dz [1]
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
    s0 = w0 * x0                     # () first product [1]
    s1 = w1 * x1                     # () second product [1]
    s2 = s0 + s1                     # () both products together [1]
    s3 = s2 + w2                     # () what goes into the sigmoid [1]
    L = 1.0 / (1.0 + np.exp(-s3))    # () output, the sigmoid of s3 [1]

    # backward pass
    grad_L = 1.0                     # () dL/dL, the base case [1]
    grad_s3 = grad_L * (1 - L) * L   # () dL/ds3 [2]
    grad_w2 = grad_s3                # () dL/dw2 [1]
    grad_s2 = grad_s3                # () dL/ds2 [1]
    grad_s0 = grad_s2                # () dL/ds0 [1]
    grad_s1 = grad_s2                # () dL/ds1 [1]
    grad_w1 = grad_s1 * x1           # () dL/dw1 [1]
    grad_x1 = grad_s1 * w1           # () dL/dx1 [1]
    grad_w0 = grad_s0 * x0           # () dL/dw0 [1]
    grad_x0 = grad_s0 * w0           # () dL/dx0 [1]
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
    out = x + y   # (...) output [1]

    # backward pass
    dx = dout     # (...) dL/dx [1]
    dy = dout     # (...) dL/dy [1]
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
    out = x * y     # (...) output [1]

    # backward pass
    dx = dout * y   # (...) dL/dx [1]
    dy = dout * x   # (...) dL/dy [1]
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
    out1 = x             # (...) first copy [1]
    out2 = x             # (...) second copy [1]

    # backward pass
    dx = dout1 + dout2   # (...) dL/dx [2]
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
    out = np.maximum(x, y)   # (...) output [1]

    # backward pass
    dx = dout * (x >= y)     # (...) dL/dx [1]
    dy = dout * (y > x)      # (...) dL/dy [1]
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
    out = 1.0 / (1.0 + np.exp(-x))   # (...) output [1]

    # backward pass
    dx = dout * (1 - out) * out      # (...) dL/dx [2]
    return out, dx


def cases(rng):
    """Inputs of all exercises of the file: arrays for the gates, numbers for the sigmoid circuit."""

    def case(shape, x=None, y=None, z=None, circuit=None):
        def draw(value=None):
            return np.asarray(rng.standard_normal(shape) if value is None else float(value))

        weights = rng.standard_normal(5) if circuit is None else circuit
        made = dict(zip(("w0", "x0", "w1", "x1", "w2"), (np.array(float(v)) for v in weights), strict=True))
        made |= {"x": draw(x), "y": draw(y), "z": draw(z)}
        return made | {"dout": draw(), "dout1": draw(), "dout2": draw()}

    yield "a matrix", case((5, 7))
    yield "the lecture's numbers", case((), x=-2, y=5, z=-4, circuit=(2, -1, -3, -2, -3))
    yield "numbers", case(())
    yield "a vector", case((6,))
    yield "one entry", case((1,))
    yield "three axes", case((2, 3, 4))


VARIANTS = [
    Variant("multiply_add", "dy", "dy = dx"),
    Variant("add_gate", "dy", "dy = dx"),
    # where both are equal the gradient may go either way, or half of it each
    Variant("max_gate", "dx", "dx = dout * (x > y)"),
    Variant("max_gate", "dx", "dx = dout * np.heaviside(x - y, 0.5)"),
    # the input that came out, asked of the output
    Variant("max_gate", "dx", "dx = dout * (out == x)"),
    Variant("max_gate", "dy", "dy = dout * (out == y)"),
    Variant("max_gate", "dy", "dy = dout - dx"),
    # the local gradient before it is simplified
    Variant("sigmoid_gate", "dx", "dx = dout * np.exp(-x) * out**2"),
    Variant("sigmoid_circuit", "grad_s3", "grad_s3 = grad_L * np.exp(-s3) * L**2"),
]

ADD_LOCAL = "By how much does the sum move if one of its inputs moves by 1?"
OTHER_FACTOR = "If x moves by 1, by how much does the product x y move? Try it with numbers."
UPSTREAM = "Upstream gradient times local gradient: which of the two is missing?"

MISTAKES = [
    # multiply_add
    Mistake("multiplied-instead-of-added", of="multiply_add", stage="q", code="q = x * y", hint="Which gate joins x and y?"),
    Mistake("subtracted", of="multiply_add", stage="q", code="q = x - y", hint="Which sign has y?"),
    Mistake("added-instead-of-multiplied", of="multiply_add", stage="f", code="f = q + z", hint="Which gate joins q and z?"),
    Mistake("brackets-forgotten", of="multiply_add", stage="f", code="f = x + y * z", hint="What does z multiply: y alone?"),
    Mistake("factor-not-swapped", of="multiply_add", stage="dq", code="dq = q", hint="If q moves by 1, by how much does q z move?"),
    Mistake("output-as-gradient", of="multiply_add", stage="dq", code="dq = f", hint="A gradient says how f moves, not how large f is."),
    Mistake("local-gradient-of-the-wrong-gate", of="multiply_add", stage="dq", code="dq = np.ones_like(q)", hint="Does q enter a sum or a product?"),
    Mistake("upstream-forgotten", of="multiply_add", stage="dx", code="dx = np.ones_like(x)", hint=UPSTREAM),
    Mistake("add-gate-multiplies", of="multiply_add", stage="dx", code="dx = dq * y", hint=ADD_LOCAL),
    Mistake("times-itself", of="multiply_add", stage="dx", code="dx = dq * x", hint=ADD_LOCAL),
    Mistake("upstream-of-y-forgotten", of="multiply_add", stage="dy", code="dy = np.ones_like(y)", hint=UPSTREAM),
    Mistake("add-gate-multiplies-y", of="multiply_add", stage="dy", code="dy = dq * x", hint=ADD_LOCAL),
    Mistake("factor-of-z-not-swapped", of="multiply_add", stage="dz", code="dz = z", hint="If z moves by 1, by how much does q z move?"),
    Mistake("dq-passed-on", of="multiply_add", stage="dz", code="dz = dq * q", hint="Is z behind q, or does it enter the product directly?"),
    # sigmoid_circuit
    Mistake("added-instead-of-multiplied", of="sigmoid_circuit", stage="s0", code="s0 = w0 + x0", hint="Which gate joins w0 and x0?"),
    Mistake("weights-and-inputs-crossed", of="sigmoid_circuit", stage="s1", code="s1 = w1 * x0", hint="Which input belongs to w1?"),
    Mistake("multiplied-instead-of-added", of="sigmoid_circuit", stage="s2", code="s2 = s0 * s1", hint="Which gate joins the two products?"),
    Mistake("bias-forgotten", of="sigmoid_circuit", stage="s3", code="s3 = s2 * 1.0", hint="One input of the circuit has not been used so far."),
    Mistake("bias-subtracted", of="sigmoid_circuit", stage="s3", code="s3 = s2 - w2", hint="Which sign has w2?"),
    Mistake("bias-multiplied", of="sigmoid_circuit", stage="s3", code="s3 = s2 * w2", hint="Which gate joins s2 and w2?"),
    Mistake("sign-of-the-exponent", of="sigmoid_circuit", stage="L", code="L = 1.0 / (1.0 + np.exp(s3))", hint="For a large positive s3, should the output be near 1 or near 0?"),
    Mistake("one-forgotten", of="sigmoid_circuit", stage="L", code="L = 1.0 / np.exp(-s3)", hint="What keeps the output below 1?"),
    Mistake("tanh-instead-of-sigmoid", of="sigmoid_circuit", stage="L", code="L = np.tanh(s3)", hint="Can the output of a sigmoid be negative?"),
    Mistake("output-as-base-case", of="sigmoid_circuit", stage="grad_L", code="grad_L = L", hint="If L moves by 1, by how much does L move?"),
    Mistake("input-instead-of-output", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * (1 - s3) * s3", hint="The short form of the local gradient is written with the output of the sigmoid. Which name has that?"),
    Mistake("one-factor-forgotten", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * (1 - L)", hint="The slope of a sigmoid is small at both ends. Is yours?"),
    Mistake("other-factor-forgotten", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * L", hint="The slope of a sigmoid is small at both ends. Is your expression?"),
    Mistake("sign-in-the-local-gradient", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * (1 + L) * L", hint="How steep is the sigmoid where its output is almost 1?"),
    Mistake("gradient-of-tanh", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * (1 - L**2)", hint="That is the slope of another activation function."),
    Mistake("local-gradient-negated", of="sigmoid_circuit", stage="grad_s3", code="grad_s3 = grad_L * (L - 1) * L", hint="Does the output of a sigmoid rise or fall when its input grows?"),
    Mistake("add-gate-multiplies", of="sigmoid_circuit", stage="grad_w2", code="grad_w2 = grad_s3 * w2", hint=ADD_LOCAL),
    Mistake("upstream-forgotten", of="sigmoid_circuit", stage="grad_w2", code="grad_w2 = 1.0", hint=UPSTREAM),
    Mistake("add-gate-multiplies-s2", of="sigmoid_circuit", stage="grad_s2", code="grad_s2 = grad_s3 * s2", hint=ADD_LOCAL),
    Mistake("shared-out", of="sigmoid_circuit", stage="grad_s0", code="grad_s0 = grad_s2 / 2", hint="If s0 moves by 1, does s2 move by less because s1 is there too?"),
    Mistake("other-product-multiplied", of="sigmoid_circuit", stage="grad_s1", code="grad_s1 = grad_s2 * s0", hint="Which gate joins s0 and s1: could one of them scale the other?"),
    Mistake("factor-of-w1-not-swapped", of="sigmoid_circuit", stage="grad_w1", code="grad_w1 = grad_s1 * w1", hint="If w1 moves by 1, by how much does the product w1 x1 move?"),
    Mistake("upstream-of-w1-forgotten", of="sigmoid_circuit", stage="grad_w1", code="grad_w1 = x1 * 1.0", hint=UPSTREAM),
    Mistake("factor-of-x1-not-swapped", of="sigmoid_circuit", stage="grad_x1", code="grad_x1 = grad_s1 * x1", hint="If x1 moves by 1, by how much does the product w1 x1 move?"),
    Mistake("factor-of-w0-not-swapped", of="sigmoid_circuit", stage="grad_w0", code="grad_w0 = grad_s0 * w0", hint="If w0 moves by 1, by how much does the product w0 x0 move?"),
    Mistake("factor-of-the-other-product", of="sigmoid_circuit", stage="grad_w0", code="grad_w0 = grad_s0 * x1", hint="With which input does w0 share a gate?"),
    Mistake("factor-of-x0-not-swapped", of="sigmoid_circuit", stage="grad_x0", code="grad_x0 = grad_s0 * x0", hint="If x0 moves by 1, by how much does the product w0 x0 move?"),
    Mistake("upstream-of-x0-forgotten", of="sigmoid_circuit", stage="grad_x0", code="grad_x0 = w0 * 1.0", hint=UPSTREAM),
    # add_gate
    Mistake("multiplied", of="add_gate", stage="out", code="out = x * y", hint="Which gate is this?"),
    Mistake("subtracted", of="add_gate", stage="out", code="out = x - y", hint="Which sign has y?"),
    Mistake("upstream-forgotten", of="add_gate", stage="dx", code="dx = np.ones_like(x)", hint=UPSTREAM),
    Mistake("multiply-gate", of="add_gate", stage="dx", code="dx = dout * y", hint=ADD_LOCAL),
    Mistake("times-itself", of="add_gate", stage="dx", code="dx = dout * x", hint=ADD_LOCAL),
    Mistake("shared-out", of="add_gate", stage="dx", code="dx = dout / 2", hint="If x moves by 1, does the sum move by less because y is there too?"),
    Mistake("multiply-gate-for-y", of="add_gate", stage="dy", code="dy = dout * x", hint=ADD_LOCAL),
    Mistake("negated", of="add_gate", stage="dy", code="dy = -dout", hint="Does the sum rise or fall when y grows?"),
    # multiply_gate
    Mistake("added", of="multiply_gate", stage="out", code="out = x + y", hint="Which gate is this?"),
    Mistake("not-swapped", of="multiply_gate", stage="dx", code="dx = dout * x", hint=OTHER_FACTOR),
    Mistake("upstream-forgotten", of="multiply_gate", stage="dx", code="dx = y * 1.0", hint=UPSTREAM),
    Mistake("add-gate", of="multiply_gate", stage="dx", code="dx = dout * 1.0", hint="Handing the gradient on unchanged is what another gate does. Does the size of y not matter here?"),
    Mistake("times-the-output", of="multiply_gate", stage="dx", code="dx = dout * out", hint=OTHER_FACTOR),
    Mistake("y-not-swapped", of="multiply_gate", stage="dy", code="dy = dout * y", hint="If y moves by 1, by how much does the product x y move? Try it with numbers."),
    Mistake("upstream-of-y-forgotten", of="multiply_gate", stage="dy", code="dy = x * 1.0", hint=UPSTREAM),
    Mistake("quotient", of="multiply_gate", stage="dy", code="dy = dout / x", hint="Would a larger x make the product less sensitive to y?"),
    # copy_gate
    Mistake("split-in-halves", of="copy_gate", stage="out1", code="out1 = x / 2", hint="Is the value divided among the places it goes to?"),
    Mistake("second-copy-negated", of="copy_gate", stage="out2", code="out2 = -x", hint="Do the two copies differ?"),
    Mistake("second-path-forgotten", of="copy_gate", stage="dx", code="dx = dout1 * 1.0", hint="On how many ways does x reach the loss?"),
    Mistake("first-path-forgotten", of="copy_gate", stage="dx", code="dx = dout2 * 1.0", hint="On how many ways does x reach the loss? Count them once more."),
    Mistake("averaged", of="copy_gate", stage="dx", code="dx = (dout1 + dout2) / 2", hint="If x moves by 1, by how much does each of the copies move?"),
    Mistake("multiplied", of="copy_gate", stage="dx", code="dx = dout1 * dout2", hint="Along one way gradients multiply. What do they do where two ways meet?"),
    Mistake("larger-one", of="copy_gate", stage="dx", code="dx = np.maximum(dout1, dout2)", hint="Only one of the ways counts in your code. Is the other without effect on the loss?"),
    Mistake("difference", of="copy_gate", stage="dx", code="dx = dout1 - dout2", hint="Suppose both upstream gradients are the same: is the loss then insensitive to x?"),
    Mistake("times-the-input", of="copy_gate", stage="dx", code="dx = (dout1 + dout2) * x", hint="How steep is a plain copy?"),
    # max_gate
    Mistake("minimum", of="max_gate", stage="out", code="out = np.minimum(x, y)", hint="Which of the two inputs comes out?"),
    Mistake("relu", of="max_gate", stage="out", code="out = np.maximum(0, x)", hint="With what is x compared?"),
    Mistake("distributor", of="max_gate", stage="dx", code="dx = dout * 1.0", hint="Does x have any influence on the output where y is the larger one?"),
    Mistake("mask-inverted", of="max_gate", stage="dx", code="dx = dout * (x < y)", hint="Which of the two inputs came out?"),
    Mistake("upstream-forgotten", of="max_gate", stage="dx", code="dx = (x >= y) * 1.0", hint=UPSTREAM),
    Mistake("times-the-winner", of="max_gate", stage="dx", code="dx = dout * out * (x >= y)", hint="Where x comes out and moves by 1, by how much does the output move? Does its size matter?"),
    Mistake("mask-of-relu", of="max_gate", stage="dx", code="dx = dout * (x > 0)", hint="With what is x compared?"),
    Mistake("shared-out", of="max_gate", stage="dx", code="dx = dout / 2", hint="This gate does not share. What does it do?"),
    Mistake("mask-of-the-upstream", of="max_gate", stage="dx", code="dx = dout * (dout > 0)", hint="Which arrays decide where the gradient goes?"),
    Mistake("distributor-to-y", of="max_gate", stage="dy", code="dy = dout * 1.0", hint="Does y have any influence on the output where x is the larger one?"),
    Mistake("same-mask-twice", of="max_gate", stage="dy", code="dy = dout * (x >= y)", hint="Can both inputs come out at the same place?"),
    # sigmoid_gate
    Mistake("sign-of-the-exponent", of="sigmoid_gate", stage="out", code="out = 1.0 / (1.0 + np.exp(x))", hint="For a large positive x, should the output be near 1 or near 0?"),
    Mistake("one-forgotten", of="sigmoid_gate", stage="out", code="out = 1.0 / np.exp(-x)", hint="What keeps the output below 1?"),
    Mistake("tanh-instead-of-sigmoid", of="sigmoid_gate", stage="out", code="out = np.tanh(x)", hint="Can the output of a sigmoid be negative?"),
    Mistake("upstream-forgotten", of="sigmoid_gate", stage="dx", code="dx = (1 - out) * out", hint=UPSTREAM),
    Mistake("input-instead-of-output", of="sigmoid_gate", stage="dx", code="dx = dout * (1 - x) * x", hint="The short form of the local gradient is written with the output of the gate, not with what goes in."),
    Mistake("one-factor-forgotten", of="sigmoid_gate", stage="dx", code="dx = dout * (1 - out)", hint="The slope of a sigmoid is small at both ends. Is yours?"),
    Mistake("other-factor-forgotten", of="sigmoid_gate", stage="dx", code="dx = dout * out", hint="The slope of a sigmoid is small at both ends. Is your expression?"),
    Mistake("gradient-of-tanh", of="sigmoid_gate", stage="dx", code="dx = dout * (1 - out**2)", hint="That is the slope of another activation function."),
    Mistake("sign-in-the-local-gradient", of="sigmoid_gate", stage="dx", code="dx = dout * (1 + out) * out", hint="How steep is the sigmoid where its output is almost 1?"),
    Mistake("sigmoid-of-the-upstream", of="sigmoid_gate", stage="dx", code="dx = dout * (1 - dout) * dout", hint="At which point is the slope taken?"),
]
