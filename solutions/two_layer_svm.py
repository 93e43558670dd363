"""A two-layer net with the SVM loss: the same net, another last layer.

Lecture 4, "Plugging in neural networks with loss functions".
"""

import numpy as np

from grader.exercise import Mistake, Variant


def two_layer_svm_loss(W1, W2, X, y, reg):
    """SVM loss on the scores of a two-layer net without biases: s = max(0, X W1) W2.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * R(W1) + reg * R(W2), R the sum of squares.

    Args:
        W1: (D, H) weights of the first layer
        W2: (H, C) weights of the second layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        dW1: (D, H) gradient
        dW2: (H, C) gradient

    Source: lecture 4, total loss: data loss + regularization.
    """
    N = X.shape[0]

    # forward pass
    h1 = np.maximum(0, X @ W1)                            # (N, H) hidden layer, after the ReLU [1]
    scores = h1 @ W2                                      # (N, C) class scores [1]
    correct = scores[np.arange(N), y][:, None]
    margins = np.maximum(0, scores - correct + 1)         # (N, C) hinge margins, 0 at the correct class [2]
    margins[np.arange(N), y] = 0
    data_loss = margins.sum() / N                         # () mean hinge loss [1]
    reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2))  # () regularization loss [1]
    loss = data_loss + reg_loss                           # () full loss [1]

    # backward pass
    dmargins = np.full_like(margins, 1 / N)               # (N, C) gradient of the loss with respect to margins [1]
    dscores = dmargins * (margins > 0)                    # (N, C) gradient of the loss with respect to scores [2]
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    dW2 = h1.T @ dscores + 2 * reg * W2                   # (H, C) gradient of the loss with respect to W2 [2]
    dh1 = dscores @ W2.T                                  # (N, H) gradient of the loss with respect to h1 [1]
    dW1 = X.T @ (dh1 * (h1 > 0)) + 2 * reg * W1           # (D, H) gradient of the loss with respect to W1 [2]
    return loss, dW1, dW2


def cases(rng):
    for n, d, h, c, reg in ((5, 7, 6, 4, 0.5), (1, 4, 5, 3, 0.1), (12, 3, 11, 10, 0.05), (6, 5, 4, 3, 0.0), (8, 2, 7, 5, 0.7)):
        yield f"{n} examples, {h} hidden", {
            "W1": rng.standard_normal((d, h)), "W2": rng.standard_normal((h, c)),
            "X": rng.standard_normal((n, d)), "y": rng.integers(0, c, n), "reg": reg,
        }


VARIANTS = [
    Variant("two_layer_svm_loss", "dscores", "dscores = dmargins * (margins > 0); dscores[np.arange(N), y] = -dscores.sum(axis=1)"),
]


def _slips(*slips):
    return [Mistake(name, of="two_layer_svm_loss", stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = _slips(
    ("relu-forgotten", "h1", "h1 = X @ W1", "Without an activation function, two layers are one."),
    ("relu-after-the-last-layer", "scores", "scores = np.maximum(0, h1 @ W2)", "May a score be negative?"),
    ("correct-class-kept", "margins", "correct = scores[np.arange(N), y][:, None]\nmargins = np.maximum(0, scores - correct + 1)", "Which class does the sum over j leave out?"),
    ("mean-forgotten-in-loss", "data_loss", "data_loss = margins.sum()", "The data loss is an average over the minibatch."),
    ("second-layer-not-regularized", "reg_loss", "reg_loss = reg * np.sum(W1 * W1)", "Which weights does R cover?"),
    ("mean-forgotten-in-gradient", "dmargins", "dmargins = np.ones_like(margins)", "How does the mean pass the gradient on to each margin?"),
    ("correct-class-forgotten-in-gradient", "dscores", "dscores = dmargins * (margins > 0)", "The correct score stands in every margin of its row. What flows back to it?"),
    ("regularization-forgotten-in-W2", "dW2", "dW2 = h1.T @ dscores", "W2 reaches the loss on two ways."),
    ("relu-mask-forgotten", "dW1", "dW1 = X.T @ dh1 + 2 * reg * W1", "Which entries of the hidden layer did not reach the scores?"),
    ("regularization-gradient-without-factor-2", "dW1", "dW1 = X.T @ (dh1 * (h1 > 0)) + reg * W1", "Differentiate w**2 once more."),
)
