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


def affine_forward(x, w, b):
    """Affine layer: every example, flattened to a row of D = d_1 * ... * d_k numbers, times w, plus b.

    Args:
        x: (N, d_1, ..., d_k) minibatch of any shape
        w: (D, M) weights, D = d_1 * ... * d_k
        b: (M,) biases

    Returns:
        out: (N, M) output
        cache: the tuple (x, w, b), kept for the backward pass

    Source: lecture 4, backprop with matrices.
    """
    N = x.shape[0]

    # forward pass
    rows = x.reshape(N, -1)
    out = rows @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """Gradients of the affine layer, given the upstream gradient.

    Args:
        dout: (N, M) upstream gradient, dL/dout
        cache: the tuple (x, w, b) kept by affine_forward

    In the cache:
        x: (N, d_1, ..., d_k) minibatch of any shape
        w: (D, M) weights, D = d_1 * ... * d_k
        b: (M,) biases

    Returns:
        dx: (N, d_1, ..., d_k) dL/dx, of the shape of x
        dw: (D, M) dL/dw
        db: (M,) dL/db

    Source: lecture 4, backprop with matrices: the only way to make the shapes match.
    """
    x, w, b = cache

    # backward pass
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


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
    N = X.shape[0]

    # forward pass
    h1 = np.maximum(0, X @ W1 + b1)
    scores = h1 @ W2 + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    probs = exps / sums
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    data_loss = -correct_logprobs.mean()
    reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    loss = data_loss + reg_loss

    # backward pass
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0)
    dW2 += 2 * reg * W2
    dhidden = dh1 * (h1 > 0)
    dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0)
    dW1 += 2 * reg * W1
    grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    return loss, grads
