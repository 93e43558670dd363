"""Softmax (cross-entropy) loss of a linear classifier, by loops and vectorized.

Lecture 4, recap of the loss functions; course notes, "Linear classification".
"""

import numpy as np

from grader.exercise import Check, Mistake, Variant


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
    loss = 0.0               # () full loss [2]
    dW = np.zeros_like(W)    # (D, C) gradient of the loss with respect to W [3]
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
    scores = X @ W                                      # (N, C) class scores [1]
    shifted = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    probs = exps / sums                                 # (N, C) class probabilities, each row sums to 1 [2]
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    data_loss = -correct_logprobs.mean()                # () mean cross-entropy over the minibatch [2]
    reg_loss = reg * np.sum(W * W)                      # () regularization loss, reg * R(W) [1]
    loss = data_loss + reg_loss                         # () full loss [1]

    # backward pass
    dscores = probs.copy()                              # (N, C) gradient of the loss with respect to scores [2]
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW = X.T @ dscores + 2 * reg * W                    # (D, C) gradient of the loss with respect to W [2]
    return loss, dW


def cases(rng):
    """Inputs of both exercises."""

    def case(N, D, C, reg, scale=1.0, y=None):
        return {
            "W": scale * rng.standard_normal((D, C)),
            "X": rng.standard_normal((N, D)),
            "y": rng.integers(0, C, N) if y is None else y,
            "reg": reg,
        }

    yield "all sizes different", case(5, 7, 4, 0.5)
    yield "one example", case(1, 6, 3, 0.1)
    yield "ten classes, more examples than classes", case(12, 5, 10, 0.05, scale=0.3)
    yield "more classes than examples, no regularization", case(4, 3, 9, 0.0)
    yield "a class that never occurs", case(6, 4, 3, 0.3, y=np.array([0, 2, 2, 0, 2, 0]))
    yield "three classes, 32-bit labels", case(8, 2, 3, 0.7, y=rng.integers(0, 3, 8).astype(np.int32))


FAR = 722.0  # exp overflows beyond 709.7, and is 0 below -745


def large_scores(rng):
    """Scores around +1000 and -1000 whose differences are ordinary, by themselves and side by side in one minibatch (the
    maximum of all would leave nothing of the lower rows); then one class, never the label, far below the others.

    exp(FAR) overflows, exp(-FAR) is not yet 0: only subtracting the maximum helps, and log(probs) stays finite.
    """
    rows = np.array([1e3, -1e3, 0.0, 1e3, -1e3])
    for name, offset in (("scores around 1000", 1e3), ("scores around -1000", -1e3), ("rows around 1000, 0 and -1000", rows)):
        N, D, C = 5, 6, 4
        W, X = rng.standard_normal((D, C)), rng.standard_normal((N, D))
        W[0], X[:, 0] = 1.0, offset
        yield name, {"W": W, "X": X, "y": rng.integers(0, C, N), "reg": 0.1}
    W, X = 0.5 * rng.standard_normal((6, 4)), rng.standard_normal((5, 6))
    W[0], X[:, 0] = (0.0, 0.0, 0.0, -FAR), 1.0
    yield "a score far below the others", {"W": W, "X": X, "y": rng.integers(0, 3, 5), "reg": 0.0}


CHECKS = [
    Check(
        "stable at large scores",
        of=("softmax_loss_naive", "softmax_loss_vectorized"),
        points=1,
        what="the same loss and gradient at scores around 1000 and -1000, in one minibatch too, and with one far below the others, without overflow",
        hint="exp(1000) overflows. Which number of a row can be subtracted from all its scores without changing a probability?",
        cases=large_scores,
    )
]

VARIANTS = [
    Variant("softmax_loss_vectorized", "data_loss", "data_loss = -np.log(probs[np.arange(N), y]).mean()"),
]

NAIVE = """
loss, dW = 0.0, np.zeros_like(W)
for i in range(N):
    shifted = X[i] @ W - np.max(X[i] @ W)
    p = np.exp(shifted) / np.sum(np.exp(shifted))
    loss -= {gain}
    dW += np.outer(X[i], {slopes}) {share}
loss += {penalty}
dW += {slope}
"""
RIGHT = {
    "gain": "np.log(p[y[i]]) / N", "slopes": "p - (np.arange(C) == y[i])", "share": "/ N",
    "penalty": "reg * np.sum(W * W)", "slope": "2 * reg * W",
}


def _naive(name, stage, hint, **wrong):
    return Mistake(name, of="softmax_loss_naive", stage=stage, code=NAIVE.format(**{**RIGHT, **wrong}), hint=hint)


MISTAKES = [
    _naive("regularization-forgotten-in-loss", "loss", "Which of the two terms of the full loss does yours leave out?", penalty="0"),
    _naive("mean-forgotten-in-loss", "loss", "The data loss is an average over the minibatch.", gain="np.log(p[y[i]])"),
    _naive("logarithm-forgotten", "loss", "What does the loss take of the probability of the correct class?", gain="p[y[i]] / N"),
    _naive("logarithm-to-base-10", "loss", "To which base is the logarithm whose derivative is 1/p?", gain="np.log10(p[y[i]]) / N"),
    _naive("sign-of-the-logarithm", "loss", "Can a data loss be negative?", gain="-np.log(p[y[i]]) / N"),
    _naive("regularization-strength-forgotten", "loss", "What weighs the regularization against the data?", penalty="np.sum(W * W)"),
    _naive("matrix-product-instead-of-squares", "loss", "R(W) is a sum over single weights: which product multiplies entry by entry?", penalty="reg * np.sum(W @ W.T)"),
    _naive("regularization-averaged", "loss", "Which of the two terms is an average over examples?", penalty="reg * np.sum(W * W) / N"),
    _naive("regularization-added-for-every-example", "loss", "Which of the two terms is an average over examples? Add the other once, after the loop.", penalty="N * reg * np.sum(W * W)"),
    _naive("divided-by-the-number-of-classes", "loss", "Over what is the data loss an average?", gain="np.log(p[y[i]]) / C"),
    _naive("last-example-left-out", "loss", "Which numbers does range give?", gain="(i < N - 1) * np.log(p[y[i]]) / N"),
    _naive("last-example-left-out-in-gradient", "dW", "Which numbers does range give?", share="* (i < N - 1) / N"),
    _naive("divided-by-the-number-of-classes-in-gradient", "dW", "Over what is the data loss an average?", share="/ C"),
    _naive("regularization-gradient-without-strength", "dW", "What weighs the regularization against the data, in the gradient as in the loss?", slope="2 * W"),
    _naive("mean-forgotten-in-gradient", "dW", "The loss is an average over the minibatch; what does that do to its gradient?", share=""),
    _naive("correct-class-forgotten-in-gradient", "dW", "The score of the correct class enters the loss twice: in the sum, and by itself.", slopes="p"),
    _naive("correct-class-added-twice", "dW", "The correct class gets one contribution of each example: which?", slopes="p - (np.arange(C) == y[i]) + p * (np.arange(C) == y[i])"),
    _naive("regularization-gradient-without-factor-2", "dW", "Differentiate w**2 once more.", slope="reg * W"),
    _naive("regularization-forgotten-in-gradient", "dW", "W reaches the loss on two ways.", slope="0 * W"),
    _naive("regularization-gradient-averaged", "dW", "Which of the two terms is an average over examples?", slope="2 * reg * W / N"),
    Mistake(
        "normalized-over-the-minibatch", of="softmax_loss_vectorized", stage="probs",
        code="""
        shifted = scores - scores.max()
        exps = np.exp(shifted)
        sums = exps.sum(axis=0, keepdims=True) * np.ones((N, 1))
        probs = exps / sums
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "summed-over-the-minibatch", of="softmax_loss_vectorized", stage="probs",
        code="""
        shifted = scores - scores.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        probs = exps / exps.sum(axis=0, keepdims=True)
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "maximum-of-each-class-subtracted", of="softmax_loss_vectorized", stage="probs",
        code="""
        shifted = scores - scores.max(axis=0, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps / sums
        """,
        hint="What may be subtracted from all scores of an example without changing its probabilities: is it the same number for each of them?",
    ),
    Mistake(
        "not-normalized", of="softmax_loss_vectorized", stage="probs",
        code="""
        shifted = scores - scores.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps
        """,
        hint="What should each row of probabilities sum to?",
    ),
    Mistake(
        "mean-forgotten-in-loss", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.sum(np.log(probs[np.arange(N), y]))",
        hint="The data loss is an average over the minibatch.",
    ),
    Mistake(
        "divided-by-the-number-of-classes", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.sum(np.log(probs[np.arange(N), y])) / W.shape[1]",
        hint="Over what is the data loss an average?",
    ),
    Mistake(
        "sign-of-the-logarithm", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = np.mean(np.log(probs[np.arange(N), y]))",
        hint="Can a loss be negative?",
    ),
    Mistake(
        "logarithm-forgotten", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.mean(probs[np.arange(N), y])",
        hint="What does the loss take of the probability of the correct class?",
    ),
    Mistake(
        "logarithm-to-base-10", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.mean(np.log10(probs[np.arange(N), y]))",
        hint="To which base is the logarithm whose derivative is 1/p?",
    ),
    Mistake(
        "number-added-in-the-logarithm", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.mean(np.log(probs[np.arange(N), y] + 1e-7))",
        hint="After the shift by the maximum the sum is at least 1: is the added number still needed?",
    ),
    Mistake(
        "maximum-not-added-back", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = np.mean(np.log(sums[:, 0]) - scores[np.arange(N), y])",
        hint="What was subtracted inside the exponential has to be taken into account outside.",
    ),
    Mistake(
        "all-classes-in-the-loss", of="softmax_loss_vectorized", stage="data_loss",
        code="data_loss = -np.sum(np.log(probs)) / N",
        hint="Whose probability does the loss look at?",
    ),
    Mistake(
        "regularization-halved", of="softmax_loss_vectorized", stage="reg_loss",
        code="reg_loss = 0.5 * reg * np.sum(W * W)",
        hint="Read the regularization term in the docstring: is there a factor in front of it?",
    ),
    Mistake(
        "regularization-strength-forgotten", of="softmax_loss_vectorized", stage="reg_loss",
        code="reg_loss = np.sum(W * W)",
        hint="What weighs the regularization against the data?",
    ),
    Mistake(
        "matrix-product-instead-of-squares", of="softmax_loss_vectorized", stage="reg_loss",
        code="reg_loss = reg * np.sum(W @ W.T)",
        hint="R(W) is a sum over single weights: which product multiplies entry by entry?",
    ),
    Mistake(
        "added-for-every-example", of="softmax_loss_vectorized", stage="reg_loss",
        code="reg_loss = N * reg * np.sum(W * W)",
        hint="Which of the two terms is an average over examples? Add the other once, after averaging.",
    ),
    Mistake(
        "regularization-forgotten-in-loss", of="softmax_loss_vectorized", stage="loss",
        code="loss = data_loss",
        hint="The full loss has two terms.",
    ),
    Mistake(
        "correct-class-forgotten-in-gradient", of="softmax_loss_vectorized", stage="dscores",
        code="dscores = probs / N",
        hint="The score of the correct class enters the loss twice: in the sum, and by itself.",
    ),
    Mistake(
        "mean-forgotten-in-gradient", of="softmax_loss_vectorized", stage="dscores",
        code="""
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        """,
        hint="The loss is an average over the minibatch; what does that do to its gradient?",
    ),
    Mistake(
        "divided-by-the-number-of-classes-in-gradient", of="softmax_loss_vectorized", stage="dscores",
        code="""
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= W.shape[1]
        """,
        hint="Over what is the data loss an average?",
    ),
    Mistake(
        "correct-class-column-wise", of="softmax_loss_vectorized", stage="dscores",
        code="""
        dscores = probs.copy()
        dscores[:, y] -= 1
        dscores /= N
        """,
        hint="Which entries does the index [:, y] touch: one a row, or whole columns?",
    ),
    Mistake(
        "regularization-gradient-without-strength", of="softmax_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + 2 * W",
        hint="What weighs the regularization against the data, in the gradient as in the loss?",
    ),
    Mistake(
        "regularization-forgotten-in-gradient", of="softmax_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores",
        hint="W reaches the loss on two ways.",
    ),
    Mistake(
        "regularization-gradient-without-factor-2", of="softmax_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + reg * W",
        hint="Differentiate w**2 once more.",
    ),
]
