# Made by `grader build` from solutions/net_class.py. Replace each `...`; the comment says which shape belongs there.
"""A two-layer net as an object: parameters, loss, training, prediction.

CS231n's TwoLayerNet, on top of `two_layer_loss`."""

import numpy as np


class TwoLayerNet:
    """Affine, ReLU, affine, with its parameters in `params` (a dict W1, b1, W2, b2) and a loss function handed in.

    `loss_fun(W1, b1, W2, b2, X, y, reg)` returns loss and a dict of gradients with the keys of `params`: your
    `two_layer_loss`. Fill in loss, train and predict.

    Source: lecture 4, two-layer nets; CS231n assignment 1.
    """

    def __init__(self, params, loss_fun):
        self.params = {name: value.copy() for name, value in params.items()}
        self.loss_fun = loss_fun

    def loss(self, X, y, reg):
        """Loss and gradients on a minibatch X (N, D), y (N,) at the present parameters, by `loss_fun`."""
        loss, grads = ..., ...  # by loss_fun, with the present parameters
        return loss, grads

    def train(self, X, y, batches, learning_rate, learning_rate_decay, reg):
        """One plain gradient step on every minibatch (`batches` holds arrays of row numbers), in order.

        After each step the learning rate is multiplied by `learning_rate_decay`. Returns the losses before the steps.
        """
        losses = []
        ...  # loss and gradients on the rows of the batch, keep the loss, step, decay
        return np.array(losses)

    def predict(self, X):
        """The class with the highest score for every row of X: an array (N,) of integers."""
        p = self.params
        scores = ...  # scores of both layers
        return scores.argmax(axis=1)
