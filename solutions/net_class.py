"""A two-layer net as an object: parameters, loss, training, prediction.

CS231n's TwoLayerNet, on top of `two_layer_loss`.
"""

import numpy as np

from grader.exercise import Made, Mistake


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
        loss, grads = self.loss_fun(**self.params, X=X, y=y, reg=reg)   # > by loss_fun, with the present parameters
        return loss, grads

    def train(self, X, y, batches, learning_rate, learning_rate_decay, reg):
        """One plain gradient step on every minibatch (`batches` holds arrays of row numbers), in order.

        After each step the learning rate is multiplied by `learning_rate_decay`. Returns the losses before the steps.
        """
        losses = []
        for batch in batches:  # > loss and gradients on the rows of the batch, keep the loss, step, decay
            loss, grads = self.loss(X[batch], y[batch], reg)
            losses = [*losses, loss]
            for name in self.params:
                self.params[name] = self.params[name] - learning_rate * grads[name]
            learning_rate = learning_rate * learning_rate_decay
        return np.array(losses)

    def predict(self, X):
        """The class with the highest score for every row of X: an array (N,) of integers."""
        p = self.params
        scores = np.maximum(0, X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]   # > scores of both layers
        return scores.argmax(axis=1)


def drive_TwoLayerNet(TwoLayerNet, params, loss_fun, X, y, batches, learning_rate, decay, reg):
    """Loss, then training on given minibatches, then predictions.

    X: (N, D) examples
    y: (N,) labels
    W1: (D, H) weights
    W2: (H, C) weights
    b1: (H,) biases
    batches: (T, B) rows of the minibatches
    """
    net = TwoLayerNet(params, loss_fun)
    before = net.predict(X)                 # (N,) classes predicted before training [2]
    loss, _ = net.loss(X, y, reg)
    first_loss = loss                       # () loss before training [1]
    losses = net.train(X, y, batches, learning_rate, decay, reg)   # (T,) losses during training [2]
    W1 = net.params["W1"]                   # (D, H) weights after training [2]
    b1 = net.params["b1"]                   # (H,) biases after training [1]
    return before, first_loss, losses, W1, b1


def cases(rng):
    """A loss with simple gradients stands in for the student's own, so that one mistake is not paid for twice."""
    simple = (
        "lambda W1, b1, W2, b2, X, y, reg: (float(np.mean((X @ W1 + b1) ** 2) + np.mean(y) + reg * np.sum(W2 ** 2)), "
        "{'W1': 2 * X.T @ (X @ W1 + b1) / X.shape[0], 'b1': 2 * (X @ W1 + b1).mean(axis=0), "
        "'W2': 2 * reg * W2, 'b2': b2 - 1.0})"
    )
    for n, d, h, c, steps, size in ((12, 5, 7, 3, 3, 4), (9, 3, 4, 5, 2, 6), (20, 6, 8, 4, 4, 5), (7, 2, 5, 3, 5, 2), (15, 4, 6, 10, 1, 8)):
        yield f"{n} examples, {steps} step(s)", {
            "params": {
                "W1": rng.standard_normal((d, h)), "b1": rng.standard_normal(h),
                "W2": rng.standard_normal((h, c)), "b2": rng.standard_normal(c),
            },
            "loss_fun": Made(simple),
            "X": rng.standard_normal((n, d)),
            "y": rng.integers(0, c, n),
            "batches": rng.integers(0, n, (steps, size)),
            "learning_rate": 0.3,
            "decay": 0.8,
            "reg": 0.1,
        }


def _slip(name, stage, code, hint):
    return Mistake(name, of="TwoLayerNet", stage=stage, code=code, hint=hint)


TRAIN = """
def train(self, X, y, batches, learning_rate, learning_rate_decay, reg):
    losses, rate, start = [], learning_rate, dict(self.params)
    shown = dict(self.params)
    for t, batch in enumerate(batches):
        loss, grads = self.loss(X[batch], y[batch], reg)
        {keep}
        for name in self.params:
            shown[name] = self.params[name] - {step}
            self.params[name] = self.params[name] - rate * grads[name]
        rate = rate * learning_rate_decay
    self.params["{only}"] = shown["{only}"]
    return np.array(losses)
"""

MISTAKES = [
    _slip("smallest-score", "before", """
    def predict(self, X):
        p = self.params
        return (np.maximum(0, X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]).argmin(axis=1)
    """, "Which class is predicted?"),
    _slip("relu-forgotten-in-predict", "before", """
    def predict(self, X):
        p = self.params
        return ((X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]).argmax(axis=1)
    """, "The same layers as in training."),
    _slip("bias-forgotten-in-predict", "before", """
    def predict(self, X):
        p = self.params
        return (np.maximum(0, X @ p["W1"]) @ p["W2"] + p["b2"]).argmax(axis=1)
    """, "The same layers as in training."),
    _slip("losses-summed-up", "losses", TRAIN.format(keep="losses.append(loss + sum(losses) + 1.0)", step="rate * grads[name]", only="W1"), "One loss for each step."),
    _slip("steps-uphill", "W1", TRAIN.format(keep="losses.append(loss)", step="-rate * grads[name]", only="W1"), "In which direction does the loss fall?"),
    _slip("biases-not-trained", "b1", TRAIN.format(keep="losses.append(loss)", step="0 * grads[name]", only="b1"), "Which parameters are trained?"),
]
