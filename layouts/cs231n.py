"""What CS231n's assignments ask beside the exercises of this kit: classifiers that predict and train.

Referred to by cs231n.toml; the same grammar as solutions/.
"""

import numpy as np

from grader.exercise import Mistake


def two_layer_predict(W1, b1, W2, b2, X):
    """The class that a two-layer net gives the highest score, for every example.

    Args:
        W1: (D, H) weights of the first layer
        b1: (H,) biases of the first layer
        W2: (H, C) weights of the second layer
        b2: (C,) biases of the second layer
        X: (N, D) examples

    Returns:
        y_pred: (N,) predicted classes

    Source: CS231n assignment 1, TwoLayerNet.predict.
    """
    # forward pass
    h1 = np.maximum(0, X @ W1 + b1)        # (N, H) hidden layer [1]
    scores = h1 @ W2 + b2                  # (N, C) class scores [1]
    y_pred = scores.argmax(axis=1)         # (N,) class with the highest score [1]
    return y_pred


def two_layer_train(W1, b1, W2, b2, X, y, learning_rate, reg, num_iters, batch_size):
    """Stochastic gradient descent, with a loss that is the same for every minibatch of matching examples and labels.

    Which examples are drawn is luck, so the loss does not depend on it: for a minibatch of B matching pairs it is
    reg / 2 times the sum of squares of all parameters plus B / 10 times their sum.

    Args:
        W1: (D, H) weights of the first layer, where training starts
        b1: (H,) biases of the first layer
        W2: (H, C) weights of the second layer
        b2: (C,) biases of the second layer
        X: (N, D) examples; the first column holds the label
        y: (N,) labels
        learning_rate: () step size; it does not decay
        reg: () regularization strength
        num_iters: () number of steps, T
        batch_size: () examples in a minibatch, B

    Returns:
        losses: (T,) loss of each step's minibatch, before the step
        W1_out: (D, H) weights of the first layer after the last step
        b1_out: (H,) biases of the first layer
        W2_out: (H, C) weights of the second layer
        b2_out: (C,) biases of the second layer

    Source: CS231n assignment 1, TwoLayerNet.train.
    """
    # forward and backward pass: one step after the other
    losses = np.zeros(num_iters)           # (T,) loss of each step's minibatch [1]
    W1_out = W1.copy()                     # (D, H) first layer after training [1]
    b1_out = b1.copy()                     # (H,) its biases after training [1]
    W2_out = W2.copy()                     # (H, C) second layer after training [1]
    b2_out = b2.copy()                     # (C,) its biases after training [1]
    for t in range(num_iters):
        pull = batch_size / 10
        losses[t] = sum(reg / 2 * np.sum(p * p) + pull * np.sum(p) for p in (W1_out, b1_out, W2_out, b2_out))
        W1_out = W1_out - learning_rate * (reg * W1_out + pull)
        b1_out = b1_out - learning_rate * (reg * b1_out + pull)
        W2_out = W2_out - learning_rate * (reg * W2_out + pull)
        b2_out = b2_out - learning_rate * (reg * b2_out + pull)
    return losses, W1_out, b1_out, W2_out, b2_out


def linear_predict(W, X):
    """The class that a linear classifier gives the highest score, for every example.

    Args:
        W: (D, C) weights
        X: (N, D) examples

    Returns:
        y_pred: (N,) predicted classes

    Source: CS231n assignment 1, LinearClassifier.predict.
    """
    # forward pass
    scores = X @ W                         # (N, C) class scores [1]
    y_pred = scores.argmax(axis=1)         # (N,) class with the highest score [1]
    return y_pred


def linear_train(W, X, y, learning_rate, reg, num_iters, batch_size):
    """Stochastic gradient descent of a linear classifier, with the loss that `two_layer_train` has.

    Args:
        W: (D, C) weights, where training starts
        X: (N, D) examples; the first column holds the label
        y: (N,) labels
        learning_rate: () step size
        reg: () regularization strength
        num_iters: () number of steps, T
        batch_size: () examples in a minibatch, B

    Returns:
        losses: (T,) loss of each step's minibatch, before the step
        W_out: (D, C) weights after the last step

    Source: CS231n assignment 1, LinearClassifier.train.
    """
    # forward and backward pass: one step after the other
    losses = np.zeros(num_iters)           # (T,) loss of each step's minibatch [1]
    W_out = W.copy()                       # (D, C) weights after training [1]
    for t in range(num_iters):
        losses[t] = reg / 2 * np.sum(W_out * W_out) + batch_size / 10 * np.sum(W_out)
        W_out = W_out - learning_rate * (reg * W_out + batch_size / 10)
    return losses, W_out


def cases(rng):
    sizes = ((12, 5, 7, 3, 4, 6), (20, 3, 4, 5, 2, 5), (30, 6, 8, 4, 3, 10), (8, 4, 5, 10, 3, 4), (15, 7, 3, 2, 5, 5))
    for n, d, h, c, steps, size in sizes:
        y = rng.integers(0, c, n)
        X = rng.standard_normal((n, d))
        X[:, 0] = y
        yield f"{n} examples, {steps} steps", {
            "W1": rng.standard_normal((d, h)), "b1": rng.standard_normal(h),
            "W2": rng.standard_normal((h, c)), "b2": rng.standard_normal(c),
            "W": rng.standard_normal((d, c)), "X": X, "y": y, "learning_rate": 0.1, "reg": 0.25, "num_iters": steps, "batch_size": size,
        }


def _predict(name, stage, code, hint, of="two_layer_predict"):
    return Mistake(name, of=of, stage=stage, code=code, hint=hint)


TRAIN = """
losses, W1_out, b1_out, W2_out, b2_out = np.zeros(num_iters), W1.copy(), b1.copy(), W2.copy(), b2.copy()
for t in range(num_iters):
    for p, stepped in ((W1_out, {w}), (b1_out, {b}), (W2_out, {w}), (b2_out, {b})):
        losses[t] += reg / 2 * np.sum(p * p) + {size} / 10 * np.sum(p)
        if stepped:
            p {step}= learning_rate * (reg * p + {size} / 10)
"""
LINEAR = """
losses, W_out = np.zeros(num_iters), W.copy()
for t in range(num_iters):
    losses[t] = reg / 2 * np.sum(W_out * W_out) + {size} / 10 * np.sum(W_out)
    W_out = W_out {step} learning_rate * (reg * W_out + {size} / 10)
"""
RIGHT = {"w": "True", "b": "True", "step": "-", "size": "batch_size"}


def _train(name, stage, hint, **wrong):
    return Mistake(name, of="two_layer_train", stage=stage, code=TRAIN.format(**{**RIGHT, **wrong}), hint=hint)


def _linear(name, stage, hint, **wrong):
    return Mistake(name, of="linear_train", stage=stage, code=LINEAR.format(**{**RIGHT, **wrong}), hint=hint)


MISTAKES = [
    _predict("relu-forgotten", "h1", "h1 = X @ W1 + b1", "The same layers as in the loss."),
    _predict("bias-forgotten", "h1", "h1 = np.maximum(0, X @ W1)", "The same layers as in the loss."),
    _predict("bias-forgotten-in-scores", "scores", "scores = h1 @ W2", "The same layers as in the loss."),
    _predict("relu-after-the-last-layer", "scores", "scores = np.maximum(0, h1 @ W2 + b2)", "Scores may be negative."),
    _predict("smallest-score", "y_pred", "y_pred = scores.argmin(axis=1)", "Which class is predicted?"),
    _predict("largest-of-each-column", "y_pred", "y_pred = scores.argmax(axis=0)", "One class for every example."),
    _predict("smallest-score", "y_pred", "y_pred = scores.argmin(axis=1)", "Which class?", of="linear_predict"),
    _predict("largest-of-each-column", "y_pred", "y_pred = scores.argmax(axis=0)", "One class each.", of="linear_predict"),
    _linear("uphill", "W_out", "The gradient points uphill.", step="+"),
    _linear("all-examples-each-step", "losses", "How many examples does one step see?", size="X.shape[0]"),
    _train("uphill", "W1_out", "The gradient points uphill.", step="+"),
    _train("biases-not-trained", "b1_out", "Which parameters does the net have?", b="False"),
    _train("weights-not-trained", "W1_out", "Which parameters does the net have?", w="False"),
    _train("all-examples-each-step", "losses", "How many examples does one step see?", size="X.shape[0]"),
]
