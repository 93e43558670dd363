"""Computational graphs: gates with forward and backward, a graph that runs them in order and in reverse.

Lecture 4, "Backprop implementation: modularized API".
"""

import numpy as np

from grader.exercise import Mistake


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
        ctx.save_for_backward(x, y)   # > save what backward needs, with ctx.save_for_backward
        z = x * y                     # > the product
        return z

    @staticmethod
    def backward(ctx, grad_z):
        """grad_z is the upstream gradient dL/dz; returns dL/dx, dL/dy."""
        x, y = ctx.saved_tensors      # > what forward saved, from ctx.saved_tensors
        grad_x = y * grad_z           # > dL/dx
        grad_y = x * grad_z           # > dL/dy
        return grad_x, grad_y


def drive_Multiply(Multiply, x, y, grad_z):
    """Forward, then backward, with a second context in between that must not disturb the first.

    x: () factor
    y: () factor
    grad_z: () upstream gradient
    """
    ctx, other = Context(), Context()
    z = Multiply.forward(ctx, x, y)                      # () product [1]
    Multiply.forward(other, 2 * x, y - 1)
    grad_x, grad_y = Multiply.backward(ctx, grad_z)      # (), () gradients of the factors [1, 1]
    return z, grad_x, grad_y


class SigmoidGate(Gate):
    """The sigmoid as a gate of a graph, elementwise: output 1 / (1 + exp(-x)).

    Fill in both methods. The backward pass needs nothing but the output.

    Source: lecture 4, sigmoid gate; PyTorch's Sigmoid.c (updateOutput, updateGradInput).
    """

    def forward(self, x):
        """x is an array of any shape or a number; returns its sigmoid and keeps what backward needs."""
        self.output = 1.0 / (1.0 + np.exp(-x))          # > the output, kept
        return self.output

    def backward(self, dout):
        """dout is the upstream gradient; returns a tuple of one: the gradient of x."""
        dx = dout * (1.0 - self.output) * self.output   # > upstream times local gradient
        return (dx,)


def drive_SigmoidGate(SigmoidGate, x, dout):
    """Forward and backward.

    x: () input
    dout: () upstream gradient
    """
    gate = SigmoidGate("x")
    out = gate.forward(x)           # () output [1]
    (dx,) = gate.backward(dout)
    grad_x = dx                     # () gradient of the input [2]
    return out, grad_x


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

        def visit(name):  # > a function, or a loop, that puts a node behind those it reads
            if name in inputs or state.get(name) == "done":
                return
            if name not in self.nodes:
                raise ValueError(f"nothing provides {name}")
            if state.get(name) == "open":
                raise ValueError(f"a cycle through {name}")
            state[name] = "open"
            for read in self.nodes[name].inputs:
                visit(read)
            state[name] = "done"
            order.append(name)

        for name in self.nodes:  # > every node, once
            visit(name)
        return order

    def forward(self, inputs):
        """`inputs` is a dict, name -> value. Returns the value of the loss; keeps all values."""
        self.order = self.nodes_topologically_sorted(inputs)
        self.values = dict(inputs)
        for name in self.order:  # > forward the gates in order, each on the values of its inputs
            gate = self.nodes[name]
            self.values[name] = gate.forward(*(self.values[read] for read in gate.inputs))
        return self.values[self.loss]

    def backward(self):
        """Returns a dict, name -> gradient of the loss, for every node and input that the loss depends on."""
        grads = {self.loss: np.ones_like(self.values[self.loss])}
        for name in reversed(self.order):  # > backward through the gates, adding up where a value forks
            gate = self.nodes[name]
            if name not in grads:
                continue
            for read, grad in zip(gate.inputs, gate.backward(grads[name]), strict=True):
                grads[read] = grads[read] + grad if read in grads else grad
        return grads


def drive_ComputationalGraph(ComputationalGraph, x, y, z):
    """(x + y) z, then a graph in which x forks and whose nodes stand in no order, then two graphs that are wrong.

    x: () number
    y: () number
    z: () number
    """
    plain = ComputationalGraph({"q": _Plus("x", "y"), "f": _Times("q", "z")}, "f")
    f = plain.forward({"x": x, "y": y, "z": z})                       # () (x + y) z [1]
    plain_grads = plain.backward()
    grad_x, grad_y, grad_z = plain_grads["x"], plain_grads["y"], plain_grads["z"]   # (), (), () gradients of (x + y) z [1, 1, 1]
    nodes = {"out": _Times("s", "p"), "p": _Times("x", "z"), "s": _Plus("p", "x"), "q": _Plus("y", "y")}
    nodes = {"loss": _Plus("out", "q"), **nodes, "idle": _Times("p", "q")}
    forked = ComputationalGraph(nodes, "loss")
    order = forked.nodes_topologically_sorted({"x": x, "y": y, "z": z})
    sorted_right = float(all(order.index(r) < order.index(n) for n in nodes for r in nodes[n].inputs if r in nodes))  # () is every node behind what it reads? [2]
    loss = forked.forward({"x": x, "y": y, "z": z})                   # () value of the second graph [1]
    forked_grads = forked.backward()
    dx, dy, dz = forked_grads["x"], forked_grads["y"], forked_grads["z"]            # (), (), () gradients where values fork [2, 1, 1]
    tells_cycle = _names_culprit(ComputationalGraph, {"a": _Plus("b", "x"), "b": _Plus("a", "x")}, {"x": x}, "ab")  # () is a cycle told, with a node of it? [1]
    tells_missing = _names_culprit(ComputationalGraph, {"a": _Plus("x", "lost")}, {"x": x}, ["lost"])                # () is a missing input told, with its name? [1]
    return f, grad_x, grad_y, grad_z, sorted_right, loss, dx, dy, dz, tells_cycle, tells_missing


class _Plus(Gate):
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout, dout


class _Times(Gate):
    def forward(self, x, y):
        self.saved = x, y
        return x * y

    def backward(self, dout):
        x, y = self.saved
        return y * dout, x * dout


def _names_culprit(graph, nodes, inputs, culprits):
    """1 if the graph raises ValueError and its words name a culprit, 0.5 if they do not, 0.25 for another error, else -1."""
    try:
        graph(nodes, next(iter(nodes))).forward(inputs)
    except ValueError as error:
        words = str(error).replace("'", " ").replace('"', " ").replace(",", " ").replace(":", " ").split()
        return 1.0 if any(name in words for name in culprits) else 0.5
    except Exception:
        return 0.25
    return -1.0


def cases(rng):
    """Inputs of all exercises: numbers, and arrays of one shape."""
    for name in ("one", "two", "three", "four"):
        x, y, z, up = (float(v) for v in rng.standard_normal(4))
        yield f"numbers {name}", {"x": x, "y": y, "z": z, "grad_z": up, "dout": up}
    yield "numbers of the lecture", {"x": -2.0, "y": 5.0, "z": -4.0, "grad_z": 1.0, "dout": 1.0}


MISTAKES = [
    Mistake("gradients-not-swapped", of="Multiply", stage="grad_x", code="""
    def backward(ctx, grad_z):
        x, y = ctx.saved_tensors
        return x * grad_z, x * grad_z
    """, hint="The local gradient of a product with respect to one factor is the other one."),
    Mistake("upstream-forgotten", of="Multiply", stage="grad_x", code="""
    def backward(ctx, grad_z):
        x, y = ctx.saved_tensors
        return y, x * grad_z
    """, hint="Upstream times local."),
    Mistake("second-gradient-not-swapped", of="Multiply", stage="grad_y", code="""
    def backward(ctx, grad_z):
        x, y = ctx.saved_tensors
        return y * grad_z, y * grad_z
    """, hint="The local gradient of a product with respect to one factor is the other one."),
    Mistake("second-upstream-forgotten", of="Multiply", stage="grad_y", code="""
    def backward(ctx, grad_z):
        x, y = ctx.saved_tensors
        return y * grad_z, x
    """, hint="Upstream times local."),
    Mistake("sum-instead-of-product", of="Multiply", stage="z", code="""
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x + y
    """, hint="Which gate is this?"),
    Mistake("sign-of-the-exponent", of="SigmoidGate", stage="out", code="""
    def forward(self, x):
        self.output = 1.0 / (1.0 + np.exp(-x))
        return 1.0 - self.output
    """, hint="Does the output grow with the input?"),
    Mistake("upstream-forgotten", of="SigmoidGate", stage="grad_x", code="""
    def backward(self, dout):
        return ((1.0 - self.output) * self.output,)
    """, hint="Upstream times local."),
    Mistake("slope-of-the-output-only", of="SigmoidGate", stage="grad_x", code="""
    def backward(self, dout):
        return (dout * self.output,)
    """, hint="Write the derivative of the sigmoid with the sigmoid itself: two factors."),
    Mistake("one-minus-only", of="SigmoidGate", stage="grad_x", code="""
    def backward(self, dout):
        return (dout * (1.0 - self.output),)
    """, hint="Write the derivative of the sigmoid with the sigmoid itself: two factors."),
    Mistake("sign-of-the-gradient", of="SigmoidGate", stage="grad_x", code="""
    def backward(self, dout):
        return (-dout * (1.0 - self.output) * self.output,)
    """, hint="The sigmoid rises everywhere."),
    Mistake("gradients-overwritten-where-a-value-forks", of="ComputationalGraph", stage="dx", code="""
    def backward(self):
        grads = {self.loss: 1.0}
        for name in [n for n in reversed(self.order) if n != "idle"]:
            gate = self.nodes[name]
            for read, grad in zip(gate.inputs, gate.backward(grads[name])):
                grads[read] = grads[read] + grad if read in grads and read != "x" else grad
        return grads
    """, hint="A value that is used twice gets two gradients back. What becomes of them?"),
    Mistake("double-use-by-one-gate-counted-once", of="ComputationalGraph", stage="dy", code="""
    def backward(self):
        grads = {self.loss: 1.0}
        for name in [n for n in reversed(self.order) if n != "idle"]:
            gate = self.nodes[name]
            made = dict(zip(gate.inputs, gate.backward(grads[name])))
            for read, grad in made.items():
                grads[read] = grads.get(read, 0.0) + grad
        return grads
    """, hint="A gate may read one value twice: y + y."),
    Mistake("cycle-not-told", of="ComputationalGraph", stage="tells_cycle", code="""
    def nodes_topologically_sorted(self, inputs):
        order = []
        left = list(self.nodes)
        for name in left:
            for read in self.nodes[name].inputs:
                if read not in inputs and read not in self.nodes:
                    raise ValueError(f"nothing provides {read}")
        while left:
            ready = [n for n in left if all(r in inputs or r in order for r in self.nodes[n].inputs)]
            if not ready:
                raise ValueError("this graph cannot be sorted")
            order.append(ready[0])
            left.remove(ready[0])
        return order
    """, hint="Which node should its author look at? Name it."),
    Mistake("missing-input-not-told", of="ComputationalGraph", stage="tells_missing", code="""
    def nodes_topologically_sorted(self, inputs):
        order, open_ones = [], []
        def visit(name):
            if name in order or name not in self.nodes:
                return
            if name in open_ones:
                raise ValueError(f"a cycle through {name}")
            open_ones.append(name)
            for read in self.nodes[name].inputs:
                visit(read)
            order.append(name)
        for name in self.nodes:
            visit(name)
        return order
    """, hint="What if a gate reads a name that is neither a node nor an input?"),
    Mistake("gradient-of-the-output-not-one", of="ComputationalGraph", stage="grad_z", code="""
    def backward(self):
        grads = {self.loss: 1.0}
        for name in [n for n in reversed(self.order) if n != "idle"]:
            gate = self.nodes[name]
            for read, grad in zip(gate.inputs, gate.backward(grads[name])):
                grads[read] = grads.get(read, 0.0) + grad
        if self.loss == "f":
            grads["z"] = self.values["f"]
        return grads
    """, hint="Start from dL/dL. What is it?"),
]
