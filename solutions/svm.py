"""Multiclass SVM (hinge) loss of a linear classifier, by loops and vectorized.

Lecture 4, "Backprop implementation: flat code"; course notes, "Linear classification".
"""

import numpy as np

from grader.exercise import Mistake, Variant


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
    loss = 0.0               # () full loss [2]
    dW = np.zeros_like(W)    # (D, C) gradient of the loss with respect to W [3]
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
    scores = X @ W                                    # (N, C) class scores [1]
    correct = scores[np.arange(N), y][:, None]
    margins = np.maximum(0, scores - correct + 1)     # (N, C) hinge margins, 0 at the correct class [2]
    margins[np.arange(N), y] = 0
    data_loss = margins.sum() / N                     # () mean hinge loss over the minibatch [1]
    reg_loss = reg * np.sum(W * W)                    # () regularization loss, reg * R(W) [1]
    loss = data_loss + reg_loss                       # () full loss [1]

    # backward pass
    dmargins = np.full_like(margins, 1 / N)           # (N, C) gradient of the loss with respect to margins [1]
    dscores = dmargins * (margins > 0)                # (N, C) gradient of the loss with respect to scores [2]
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    dW = X.T @ dscores + 2 * reg * W                  # (D, C) gradient of the loss with respect to W [2]
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
    yield "large weights", case(7, 3, 5, 0.01, scale=100.0)


VARIANTS = [
    # a margin of exactly 0 may count or not
    Variant(
        "svm_loss_naive",
        "dW",
        """
        loss = 0.0
        dW = np.zeros_like(W)
        for i in range(N):
            scores = X[i] @ W
            for j in range(C):
                margin = scores[j] - scores[y[i]] + 1
                if j != y[i] and margin >= 0:
                    loss += margin / N
                    dW[:, j] += X[i] / N
                    dW[:, y[i]] -= X[i] / N
        loss += reg * np.sum(W * W)
        dW += 2 * reg * W
        """,
    ),
    Variant(
        "svm_loss_vectorized",
        "dscores",
        """
        dscores = dmargins * (scores - scores[np.arange(N), y][:, None] + 1 >= 0)
        dscores[np.arange(N), y] = 0
        dscores[np.arange(N), y] = -dscores.sum(axis=1)
        """,
    ),
    # the same where the correct class is out of the margins, and common: its column assigned, not added to
    Variant(
        "svm_loss_vectorized",
        "dscores",
        "dscores = dmargins * (margins > 0); dscores[np.arange(N), y] = -dscores.sum(axis=1)",
    ),
]

NAIVE = """
loss = {start}
dW = np.zeros_like(W)
for i in range(N):
    scores = X[i] @ W
    for j in range(C):
        margin = scores[j] - scores[y[i]] + 1
        if j != y[i] and margin > 0:
            loss += {hinge}
            dW[:, j] += {other}
            dW[:, y[i]] -= {correct}
loss += {penalty}
dW += {slope}
"""
RIGHT = {
    "start": "0.0", "hinge": "margin / N", "other": "X[i] / N", "correct": "X[i] / N",
    "penalty": "reg * np.sum(W * W)", "slope": "2 * reg * W",
}


def _naive(name, stage, hint, **wrong):
    return Mistake(name, of="svm_loss_naive", stage=stage, code=NAIVE.format(**{**RIGHT, **wrong}), hint=hint)


MISTAKES = [
    _naive("regularization-forgotten-in-loss", "loss", "Which of the two terms of the full loss does yours leave out?", penalty="0"),
    _naive("correct-class-counted", "loss", "The sum runs over j != y_i. What does the term j = y_i add to it?", start="1.0"),
    _naive("mean-forgotten-in-loss", "loss", "The data loss is an average over the minibatch.", hinge="margin"),
    _naive("regularization-strength-forgotten", "loss", "What weighs the regularization against the data?", penalty="np.sum(W * W)"),
    _naive("matrix-product-instead-of-squares", "loss", "R(W) is a sum over single weights: which product multiplies entry by entry?", penalty="reg * np.sum(W @ W.T)"),
    _naive("regularization-averaged", "loss", "Which of the two terms is an average over examples?", penalty="reg * np.sum(W * W) / N"),
    _naive("regularization-added-for-every-example", "loss", "Which of the two terms is an average over examples? Add the other once, after the loop.", penalty="N * reg * np.sum(W * W)"),
    _naive("divided-by-the-number-of-classes", "loss", "Over what is the data loss an average?", hinge="margin / C"),
    _naive("last-example-left-out", "loss", "Which numbers does range give?", hinge="(i < N - 1) * margin / N"),
    _naive("last-example-left-out-in-gradient", "dW", "Which numbers does range give?", other="(i < N - 1) * X[i] / N", correct="(i < N - 1) * X[i] / N"),
    _naive("divided-by-the-number-of-classes-in-gradient", "dW", "Over what is the data loss an average?", other="X[i] / C", correct="X[i] / C"),
    _naive("regularization-gradient-without-strength", "dW", "What weighs the regularization against the data, in the gradient as in the loss?", slope="2 * W"),
    _naive("mean-forgotten-in-gradient", "dW", "The loss is an average over the minibatch; what does that do to its gradient?", other="X[i]", correct="X[i]"),
    _naive("regularization-gradient-without-factor-2", "dW", "Differentiate w**2 once more.", slope="reg * W"),
    _naive("regularization-forgotten-in-gradient", "dW", "W reaches the loss on two ways.", slope="0 * W"),
    _naive("regularization-gradient-summed", "dW", "How does the penalty change if a single weight does?", slope="2 * reg * np.sum(W)"),
    _naive("regularization-gradient-averaged", "dW", "Which of the two terms is an average over examples?", slope="2 * reg * W / N"),
    _naive("correct-class-column-forgotten", "dW", "Each margin holds two scores. Into which two columns of dW does an example flow back?", correct="0 * X[i]"),
    _naive("other-classes-forgotten", "dW", "Each margin holds two scores. Into which two columns of dW does an example flow back?", other="0 * X[i]"),
    _naive("assigned-instead-of-added", "dW", "Several margins have a part in each column of dW: is the last one all that counts?", other="X[i] / N - dW[:, j]"),
    _naive("margins-instead-of-their-sign", "dW", "The local gradient of max(0, z) does not depend on how large z is.", other="margin * X[i] / N", correct="margin * X[i] / N"),
    Mistake(
        "correct-class-kept", of="svm_loss_vectorized", stage="margins",
        code="""
        correct = scores[np.arange(N), y][:, None]
        margins = np.maximum(0, scores - correct + 1)
        """,
        hint="Which class does the sum over j leave out?",
    ),
    Mistake(
        "whole-columns-zeroed", of="svm_loss_vectorized", stage="margins",
        code="""
        correct = scores[np.arange(N), y][:, None]
        margins = np.maximum(0, scores - correct + 1)
        margins[:, y] = 0
        """,
        hint="Which entries does the index [:, y] touch: one a row, or whole columns?",
    ),
    Mistake(
        "margin-of-1-forgotten", of="svm_loss_vectorized", stage="margins",
        code="""
        correct = scores[np.arange(N), y][:, None]
        margins = np.maximum(0, scores - correct)
        margins[np.arange(N), y] = 0
        """,
        hint="By how much must the correct class win before it costs nothing?",
    ),
    Mistake(
        "hinge-forgotten", of="svm_loss_vectorized", stage="margins",
        code="""
        correct = scores[np.arange(N), y][:, None]
        margins = scores - correct + 1
        margins[np.arange(N), y] = 0
        """,
        hint="Can a class that loses by far make the loss smaller?",
    ),
    Mistake(
        "mean-forgotten-in-loss", of="svm_loss_vectorized", stage="data_loss",
        code="data_loss = margins.sum()",
        hint="The data loss is an average over the minibatch.",
    ),
    Mistake(
        "divided-by-the-number-of-classes", of="svm_loss_vectorized", stage="data_loss",
        code="data_loss = margins.sum() / W.shape[1]",
        hint="Over what is the data loss an average?",
    ),
    Mistake(
        "mean-over-all-entries", of="svm_loss_vectorized", stage="data_loss",
        code="data_loss = margins.mean()",
        hint="How many examples does the average run over, and how many entries have the margins?",
    ),
    Mistake(
        "regularization-halved", of="svm_loss_vectorized", stage="reg_loss",
        code="reg_loss = 0.5 * reg * np.sum(W * W)",
        hint="Read the regularization term in the docstring: is there a factor in front of it?",
    ),
    Mistake(
        "regularization-strength-forgotten", of="svm_loss_vectorized", stage="reg_loss",
        code="reg_loss = np.sum(W * W)",
        hint="What weighs the regularization against the data?",
    ),
    Mistake(
        "matrix-product-instead-of-squares", of="svm_loss_vectorized", stage="reg_loss",
        code="reg_loss = reg * np.sum(W @ W.T)",
        hint="R(W) is a sum over single weights: which product multiplies entry by entry?",
    ),
    Mistake(
        "matrix-product-over-classes", of="svm_loss_vectorized", stage="reg_loss",
        code="reg_loss = reg * np.sum(W.T @ W)",
        hint="R(W) is a sum over single weights: which product multiplies entry by entry?",
    ),
    Mistake(
        "weights-not-squared", of="svm_loss_vectorized", stage="reg_loss",
        code="reg_loss = reg * np.sum(W)",
        hint="R(W) is a sum of squares.",
    ),
    Mistake(
        "regularization-forgotten-in-loss", of="svm_loss_vectorized", stage="loss",
        code="loss = data_loss",
        hint="The full loss has two terms.",
    ),
    Mistake(
        "mean-forgotten-in-gradient", of="svm_loss_vectorized", stage="dmargins",
        code="dmargins = np.ones_like(margins)",
        hint="How does the mean in data_loss pass the gradient on to each margin?",
    ),
    Mistake(
        "divided-by-the-number-of-classes-in-gradient", of="svm_loss_vectorized", stage="dmargins",
        code="dmargins = np.full_like(margins, 1 / W.shape[1])",
        hint="Over what is the data loss an average?",
    ),
    Mistake(
        "margins-instead-of-their-sign", of="svm_loss_vectorized", stage="dscores",
        code="""
        dscores = dmargins * margins
        dscores[np.arange(N), y] -= dscores.sum(axis=1)
        """,
        hint="The local gradient of max(0, z) does not depend on how large z is.",
    ),
    Mistake(
        "correct-class-forgotten-in-gradient", of="svm_loss_vectorized", stage="dscores",
        code="dscores = dmargins * (margins > 0)",
        hint="The score of the correct class stands in every margin of its row. What flows back to it?",
    ),
    Mistake(
        "one-instead-of-the-count", of="svm_loss_vectorized", stage="dscores",
        code="""
        dscores = dmargins * (margins > 0)
        dscores[np.arange(N), y] = -1 / N
        """,
        hint="How many margins of the row does the correct score take part in?",
    ),
    Mistake(
        "correct-class-counted-in-gradient", of="svm_loss_vectorized", stage="dscores",
        code="""
        dscores = dmargins * (margins > 0)
        dscores[np.arange(N), y] = -dscores.sum(axis=1) - dmargins[np.arange(N), y]
        """,
        hint="How many margins of the row does the correct score take part in? Its own is none of them.",
    ),
    Mistake(
        "negative-margins-kept-in-gradient", of="svm_loss_vectorized", stage="dscores",
        code="""
        raw = scores - scores[np.arange(N), y][:, None] + 1
        raw[np.arange(N), y] = 0
        dscores = dmargins * np.where(raw > 0, 1, raw)
        dscores[np.arange(N), y] = -dscores.sum(axis=1)
        """,
        hint="What flows back through max(0, z) where z is negative?",
    ),
    Mistake(
        "correct-class-only", of="svm_loss_vectorized", stage="dscores",
        code="""
        dscores = np.zeros_like(margins)
        dscores[np.arange(N), y] = -(dmargins * (margins > 0)).sum(axis=1)
        """,
        hint="Each margin holds two scores. Into which two does its gradient flow back?",
    ),
    Mistake(
        "regularization-gradient-without-strength", of="svm_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + 2 * W",
        hint="What weighs the regularization against the data, in the gradient as in the loss?",
    ),
    Mistake(
        "regularization-gradient-summed", of="svm_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + 2 * reg * np.sum(W)",
        hint="How does the penalty change if a single weight does?",
    ),
    Mistake(
        "regularization-gradient-averaged", of="svm_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + 2 * reg * W / N",
        hint="Which of the two terms is an average over examples?",
    ),
    Mistake(
        "regularization-forgotten-in-gradient", of="svm_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores",
        hint="W reaches the loss on two ways.",
    ),
    Mistake(
        "regularization-gradient-without-factor-2", of="svm_loss_vectorized", stage="dW",
        code="dW = X.T @ dscores + reg * W",
        hint="Differentiate w**2 once more.",
    ),
]
