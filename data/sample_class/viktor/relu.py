import numpy as np


def relu_forward(x):
    """ReLU: max(0, x), element by element.

    Args:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        out: (d_1, ..., d_k) output of the same shape
        cache: x, kept for the backward pass

    Source: lecture 4, activation functions.
    """
    # forward pass
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    """Gradient of ReLU, given the upstream gradient: it passes where x is positive.

    Args:
        dout: (d_1, ..., d_k) upstream gradient, dL/dout
        cache: x as relu_forward kept it

    In the cache:
        x: (d_1, ..., d_k) input of any shape

    Returns:
        dx: (d_1, ..., d_k) dL/dx, of the shape of x

    Source: lecture 4, backprop with vectors (the Jacobian is diagonal: use it implicitly).
    """
    x = cache

    # backward pass
    dx = dout * (x > 0)
    return dx
