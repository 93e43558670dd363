import numpy as np


def softmax_loss_naive(W, X, y, reg):
    """Softmax loss of a linear classifier and its gradient, computed with loops over examples and classes.

    L = 1/N sum_i -log(exp(s_iy_i) / sum_j exp(s_ij)) + reg * sum(W**2), with scores s = X W.
    Scores of a thousand must not overflow: subtract the row's maximum first, which changes no probability.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, softmax loss; CS231n notes, linear classification (numeric stability).
    """
    N = X.shape[0]
    C = W.shape[1]

    # forward and backward pass: loop over examples and classes, adding to both
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        shifted = scores - np.max(scores)
        log_sum = np.log(np.sum(np.exp(shifted)))
        loss += (log_sum - shifted[y[i]]) / N
        for j in range(C):
            p = np.exp(shifted[j] - log_sum)
            dW[:, j] += (p - (j == y[i])) * X[i] / N
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax loss of a linear classifier and its gradient, staged and without loops.

    L = 1/N sum_i -log(exp(s_iy_i) / sum_j exp(s_ij)) + reg * sum(W**2), with scores s = X W.
    Scores of a thousand must not overflow: subtract the row's maximum first, which changes no probability.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, softmax loss; CS231n notes, linear classification (numeric stability).
    """
    N = X.shape[0]

    # forward pass
    scores = X @ W
    shifted = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    probs = exps / sums
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    data_loss = -correct_logprobs.mean()
    reg_loss = reg * np.sum(W * W)
    loss = data_loss + reg_loss

    # backward pass
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW = X.T @ dscores + 2 * reg * W
    return loss, dW
