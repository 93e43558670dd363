import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, computed with loops over examples and classes.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * sum(W**2), with scores s = X W.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, SVM loss and R(W); CS231n notes, linear classification.
    """
    N = X.shape[0]
    C = W.shape[1]

    # forward and backward pass: loop over examples and classes, adding to both
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        for j in range(C):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin / N
                dW[:, j] += X[i] / N
                dW[:, y[i]] -= X[i] / N
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, staged and without loops.

    L = 1/N sum_i sum_{j != y_i} max(0, s_ij - s_iy_i + 1) + reg * sum(W**2), with scores s = X W.

    Args:
        W: (D, C) weights
        X: (N, D) minibatch, one example a row
        y: (N,) labels, y[i] = c with 0 <= c < C
        reg: () regularization strength

    Returns:
        loss: () full loss, data loss averaged over the minibatch plus reg * sum(W**2)
        dW: (D, C) gradient of the loss with respect to W

    Source: lecture 4, the staged SVM listing.
    """
    N = X.shape[0]

    # forward pass
    scores = X @ W
    correct = scores[np.arange(N), y][:, None]
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(N), y] = 0
    data_loss = margins.sum() / N
    reg_loss = reg * np.sum(W * W)
    loss = data_loss + reg_loss

    # backward pass
    dmargins = np.full_like(margins, 1 / N)
    dscores = dmargins * (margins > 0)
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    dW = X.T @ dscores + 2 * reg * W
    return loss, dW
