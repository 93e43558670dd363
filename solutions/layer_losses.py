"""The SVM and softmax losses as last layers: loss and gradient with respect to the scores.

Lecture 4, loss functions; the layers of CS231n's modular nets.
"""

import numpy as np

from grader.exercise import Check, Mistake, Variant


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
    margins = np.maximum(0, x - correct + 1)      # (N, C) hinge margins, 0 at the correct class [2]
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N                      # () mean loss [1]

    # backward pass
    dmargins = np.full_like(margins, 1 / N)       # (N, C) gradient of the loss with respect to margins [1]
    dx = dmargins * (margins > 0)                 # (N, C) gradient of the loss with respect to x [2]
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
    probs = exps / sums                           # (N, C) class probabilities, each row sums to 1 [2]
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    loss = -correct_logprobs.mean()               # () mean cross-entropy [2]

    # backward pass
    dx = probs.copy()                             # (N, C) gradient of the loss with respect to x [2]
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def cases(rng):
    """Inputs of both exercises."""

    def case(N, C, scale=1.0, y=None):
        return {"x": scale * rng.standard_normal((N, C)), "y": rng.integers(0, C, N) if y is None else y}

    yield "more examples than classes", case(7, 4)
    yield "one example", case(1, 5)
    yield "ten classes", case(6, 10)
    yield "more classes than examples", case(3, 8, scale=3.0)
    yield "a class that never occurs", case(6, 3, y=np.array([0, 2, 2, 0, 2, 0]))
    yield "32-bit labels", case(9, 4, y=rng.integers(0, 4, 9).astype(np.int32))


FAR = 722.0  # exp overflows beyond 709.7, and is 0 below -745


def large_scores(rng):
    """Scores around +1000 and -1000 whose differences are ordinary, by themselves and side by side in one minibatch (the
    maximum of all would leave nothing of the lower rows); then one class, never the label, far below the others.

    exp(FAR) overflows, exp(-FAR) is not yet 0: only subtracting the maximum helps, and log(probs) stays finite.
    """
    for name, offset in (("scores around 1000", 1e3), ("scores around -1000", -1e3)):
        yield name, {"x": offset + rng.standard_normal((5, 4)), "y": rng.integers(0, 4, 5)}
    rows = np.array([[1e3], [-1e3], [0.0], [1e3], [-1e3]])
    yield "rows around 1000, 0 and -1000", {"x": rows + rng.standard_normal((5, 4)), "y": rng.integers(0, 4, 5)}
    yield "a score far below the others", {"x": rng.standard_normal((5, 4)) - (0, 0, 0, FAR), "y": rng.integers(0, 3, 5)}


CHECKS = [
    Check(
        "stable at large scores",
        of=("softmax_loss",),
        points=1,
        what="the same loss and gradient at scores around 1000 and -1000, in one minibatch too, and with one far below the others, without overflow",
        hint="exp(1000) overflows. Which number of a row can be subtracted from all its scores without changing a probability?",
        cases=large_scores,
    )
]

VARIANTS = [
    # a margin of exactly 0 may count or not
    Variant(
        "svm_loss",
        "dx",
        """
        dx = dmargins * (x - x[np.arange(N), y][:, None] + 1 >= 0)
        dx[np.arange(N), y] = 0
        dx[np.arange(N), y] = -dx.sum(axis=1)
        """,
    ),
    Variant("softmax_loss", "loss", "loss = -np.log(probs[np.arange(N), y]).mean()"),
]

MISTAKES = [
    Mistake(
        "correct-class-kept", of="svm_loss", stage="margins",
        code="""
        correct = x[np.arange(N), y][:, None]
        margins = np.maximum(0, x - correct + 1)
        """,
        hint="Which class does the sum over j leave out?",
    ),
    Mistake(
        "margin-of-1-forgotten", of="svm_loss", stage="margins",
        code="""
        correct = x[np.arange(N), y][:, None]
        margins = np.maximum(0, x - correct)
        margins[np.arange(N), y] = 0
        """,
        hint="By how much must the correct class win before it costs nothing?",
    ),
    Mistake("mean-forgotten-in-loss", of="svm_loss", stage="loss", code="loss = margins.sum()", hint="The loss is an average over the minibatch."),
    Mistake("mean-over-all-entries", of="svm_loss", stage="loss", code="loss = margins.mean()", hint="How many examples does the average run over, and how many entries have the margins?"),
    Mistake("mean-forgotten-in-gradient", of="svm_loss", stage="dmargins", code="dmargins = np.ones_like(margins)", hint="How does the mean pass the gradient on to each margin?"),
    Mistake(
        "correct-class-forgotten-in-gradient", of="svm_loss", stage="dx",
        code="dx = dmargins * (margins > 0)",
        hint="The score of the correct class stands in every margin of its row. What flows back to it?",
    ),
    Mistake(
        "one-instead-of-the-count", of="svm_loss", stage="dx",
        code="""
        dx = dmargins * (margins > 0)
        dx[np.arange(N), y] = -1 / N
        """,
        hint="How many margins of the row does the correct score take part in?",
    ),
    Mistake(
        "normalized-over-the-minibatch", of="softmax_loss", stage="probs",
        code="""
        shifted = x - x.max()
        exps = np.exp(shifted)
        probs = exps / exps.sum(axis=0, keepdims=True)
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "summed-over-the-minibatch", of="softmax_loss", stage="probs",
        code="""
        shifted = x - x.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        probs = exps / exps.sum(axis=0, keepdims=True)
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "maximum-of-each-class-subtracted", of="softmax_loss", stage="probs",
        code="""
        shifted = x - x.max(axis=0, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps / sums
        """,
        hint="What may be subtracted from all scores of an example without changing its probabilities: is it the same number for each of them?",
    ),
    Mistake(
        "not-normalized", of="softmax_loss", stage="probs",
        code="""
        shifted = x - x.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps
        """,
        hint="What should each row of probabilities sum to?",
    ),
    Mistake("mean-forgotten-in-loss", of="softmax_loss", stage="loss", code="loss = -np.sum(np.log(probs[np.arange(N), y]))", hint="The loss is an average over the minibatch."),
    Mistake("sign-of-the-logarithm", of="softmax_loss", stage="loss", code="loss = np.mean(np.log(probs[np.arange(N), y]))", hint="Can a loss be negative?"),
    Mistake("number-added-in-the-logarithm", of="softmax_loss", stage="loss", code="loss = -np.sum(np.log(probs[np.arange(N), y] + 1e-7)) / N", hint="After the shift by the maximum the sum is at least 1: is the added number still needed?"),
    Mistake("all-classes-in-the-loss", of="softmax_loss", stage="loss", code="loss = -np.sum(np.log(probs)) / N", hint="Whose probability does the loss look at?"),
    Mistake("correct-class-forgotten-in-gradient", of="softmax_loss", stage="dx", code="dx = probs / N", hint="The score of the correct class enters the loss twice: in the sum, and by itself."),
    Mistake(
        "mean-forgotten-in-gradient", of="softmax_loss", stage="dx",
        code="""
        dx = probs.copy()
        dx[np.arange(N), y] -= 1
        """,
        hint="The loss is an average over the minibatch; what does that do to its gradient?",
    ),
]
