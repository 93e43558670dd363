"""A three-layer net with softmax loss.

Lecture 4, "Neural networks: 3 layers": f = W3 max(0, W2 max(0, W1 x)).
"""

import numpy as np

from grader.exercise import Mistake


def three_layer_loss(W1, W2, W3, X, y, reg):
    """Softmax loss of a three-layer net without biases, row by row: scores = max(0, max(0, X W1) W2) W3.

    The loss is the mean softmax loss plus reg * (R(W1) + R(W2) + R(W3)), R the sum of squares.

    Args:
        W1: (D, H) weights of the first layer
        W2: (H, K) weights of the second layer
        W3: (K, C) weights of the third layer
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss
        dW1: (D, H) gradient
        dW2: (H, K) gradient
        dW3: (K, C) gradient

    Source: lecture 4, neural networks: 3 layers.
    """
    N = X.shape[0]

    # forward pass
    h1 = np.maximum(0, X @ W1)                              # (N, H) first hidden layer, after the ReLU [1]
    h2 = np.maximum(0, h1 @ W2)                             # (N, K) second hidden layer, after the ReLU [1]
    scores = h2 @ W3                                        # (N, C) class scores [1]
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exps / exps.sum(axis=1, keepdims=True)          # (N, C) class probabilities, each row sums to 1 [1]
    data_loss = -np.log(probs[np.arange(N), y]).mean()      # () mean cross-entropy [1]
    reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(W3 * W3))  # () regularization loss [1]
    loss = data_loss + reg_loss                             # () full loss [1]

    # backward pass
    dscores = probs.copy()                                  # (N, C) gradient of the loss with respect to scores [2]
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW3 = h2.T @ dscores + 2 * reg * W3                     # (K, C) gradient of the loss with respect to W3 [1]
    dh2 = dscores @ W3.T                                    # (N, K) gradient of the loss with respect to h2 [1]
    dz2 = dh2 * (h2 > 0)                                    # (N, K) the same before the ReLU [1]
    dW2 = h1.T @ dz2 + 2 * reg * W2                         # (H, K) gradient of the loss with respect to W2 [1]
    dh1 = dz2 @ W2.T                                        # (N, H) gradient of the loss with respect to h1 [1]
    dz1 = dh1 * (h1 > 0)                                    # (N, H) the same before the ReLU [1]
    dW1 = X.T @ dz1 + 2 * reg * W1                          # (D, H) gradient of the loss with respect to W1 [1]
    return loss, dW1, dW2, dW3


def cases(rng):
    for n, d, h, k, c, reg in ((5, 7, 6, 8, 4, 0.5), (1, 4, 9, 5, 3, 0.1), (12, 3, 11, 7, 10, 0.05), (6, 5, 8, 9, 3, 0.0), (8, 2, 7, 6, 5, 0.7)):
        yield f"{n} examples, {h} and {k} hidden", {
            "W1": rng.standard_normal((d, h)), "W2": rng.standard_normal((h, k)), "W3": rng.standard_normal((k, c)),
            "X": rng.standard_normal((n, d)), "y": rng.integers(0, c, n), "reg": reg,
        }


def _slips(*slips):
    return [Mistake(name, of="three_layer_loss", stage=stage, code=code, hint=hint) for name, stage, code, hint in slips]


MISTAKES = _slips(
    ("first-relu-forgotten", "h1", "h1 = X @ W1", "Without an activation function, two layers are one."),
    ("second-relu-forgotten", "h2", "h2 = h1 @ W2", "Without an activation function, two layers are one."),
    ("relu-after-the-last-layer", "scores", "scores = np.maximum(0, h2 @ W3)", "May a score be negative?"),
    ("normalized-over-the-minibatch", "probs", "exps = np.exp(scores - scores.max()); probs = exps / exps.sum(axis=0)", "Over which axis do the probabilities of one example sum to 1?"),
    ("summed-over-the-minibatch", "probs", "exps = np.exp(scores - scores.max(axis=1, keepdims=True)); probs = exps / exps.sum(axis=0)", "Over which axis do the probabilities of one example sum to 1?"),
    ("maximum-of-each-class-subtracted", "probs", "exps = np.exp(scores - scores.max(axis=0)); probs = exps / exps.sum(axis=1, keepdims=True)", "What may be subtracted from all scores of an example without changing its probabilities: is it the same number for each of them?"),
    ("mean-forgotten-in-loss", "data_loss", "data_loss = -np.log(probs[np.arange(N), y]).sum()", "The data loss is an average over the minibatch."),
    ("third-layer-not-regularized", "reg_loss", "reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2))", "Which weights does R cover?"),
    ("mean-forgotten-in-gradient", "dscores", "dscores = probs.copy()\ndscores[np.arange(N), y] -= 1", "The loss is an average over the minibatch."),
    ("regularization-forgotten-in-W3", "dW3", "dW3 = h2.T @ dscores", "W3 reaches the loss on two ways."),
    ("second-mask-forgotten", "dz2", "dz2 = 1.0 * dh2", "Which entries of the second hidden layer did not reach the scores?"),
    ("first-mask-forgotten", "dz1", "dz1 = 1.0 * dh1", "Which entries of the first hidden layer did not reach the next?"),
    ("regularization-gradient-without-factor-2", "dW1", "dW1 = X.T @ dz1 + reg * W1", "Differentiate w**2 once more."),
)
