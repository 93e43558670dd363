import numpy as np


def svm_loss(x, y):
    """Multiclass SVM loss of scores, averaged over the minibatch, and its gradient.

    loss = 1/N sum_i sum_{j != y_i} max(0, x_ij - x_iy_i + 1)

    Args:
        x: (N, C) scores
        y: (N,) labels, y[i] = c with 0 <= c < C

    Returns:
        loss: () mean loss
        dx: (N, C) gradient of the loss with respect to x

    Source: lecture 4, SVM loss.
    """
    N = x.shape[0]

    # forward pass
    correct = x[np.arange(N), y][:, None]
    margins = np.maximum(0, x - correct + 1)
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N

    # backward pass
    dmargins = np.full_like(margins, 1 / N)
    dx = dmargins * (margins > 0)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    return loss, dx


def softmax_loss(x, y):
    """Softmax loss of scores, averaged over the minibatch, and its gradient.

    loss = 1/N sum_i -log(exp(x_iy_i) / sum_j exp(x_ij)). Scores of a thousand must not overflow.

    Args:
        x: (N, C) scores
        y: (N,) labels, y[i] = c with 0 <= c < C

    Returns:
        loss: () mean loss
        dx: (N, C) gradient of the loss with respect to x

    Source: lecture 4, softmax loss.
    """
    N = x.shape[0]

    # forward pass
    shifted = x - x.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    probs = exps / sums
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    loss = -correct_logprobs.mean()

    # backward pass
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
