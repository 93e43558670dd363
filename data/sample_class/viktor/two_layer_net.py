import numpy as np

from affine import affine_backward, affine_forward
from layer_losses import softmax_loss
from relu import relu_backward, relu_forward


def two_layer_loss(W1, b1, W2, b2, X, y, reg):
    """Loss and gradients of a two-layer net: affine, ReLU, affine, softmax.

    scores = max(0, X W1 + b1) W2 + b2; the loss is the mean softmax loss plus reg * (sum(W1**2) + sum(W2**2)).
    Biases are not regularized. Scores of a thousand must not overflow.

    Args:
        W1: (D, H) weights of the first layer
        b1: (H,) biases of the first layer
        W2: (H, C) weights of the second layer
        b2: (C,) biases of the second layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        grads: the dict {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2} of gradients, each of the shape of its parameter

    Source: lecture 4, the staged listing of the two-layer net.
    """
    a1, saved1 = affine_forward(X, W1, b1)
    h1, saved_relu = relu_forward(a1)
    scores, saved2 = affine_forward(h1, W2, b2)
    data_loss, dscores = softmax_loss(scores, y)
    loss = data_loss + reg * (np.sum(W1**2) + np.sum(W2**2))
    dh1, dW2, db2 = affine_backward(dscores, saved2)
    dX, dW1, db1 = affine_backward(relu_backward(dh1, saved_relu), saved1)
    return loss, {"W1": dW1 + 2 * reg * W1, "b1": db1, "W2": dW2 + 2 * reg * W2, "b2": db2}
