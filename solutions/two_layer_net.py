"""A two-layer neural net with softmax loss, staged.

Lecture 4, the second staged listing: h1, scores, loss; then dscores, dh1, dW2, db2, dW1, db1.
"""

import numpy as np

from grader.exercise import Check, Mistake, Variant


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
    h1 = np.maximum(0, X @ W1 + b1)                     # (N, H) hidden layer, after the ReLU [2]
    scores = h1 @ W2 + b2                               # (N, C) class scores [1]
    shifted = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=1, keepdims=True)
    probs = exps / sums                                 # (N, C) class probabilities, each row sums to 1 [1]
    correct_logprobs = shifted[np.arange(N), y] - np.log(sums[:, 0])
    data_loss = -correct_logprobs.mean()                # () mean cross-entropy over the minibatch [1]
    reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2))    # () regularization loss, reg * (R(W1) + R(W2)) [1]
    loss = data_loss + reg_loss                         # () full loss [1]

    # backward pass
    dscores = probs.copy()                              # (N, C) gradient of the loss with respect to scores [2]
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0)  # (N, H), (H, C), (C,) gradients of the second layer [1, 2, 1]
    dW2 += 2 * reg * W2
    dhidden = dh1 * (h1 > 0)
    dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0)       # (D, H), (H,) gradients of the first layer [2, 1]
    dW1 += 2 * reg * W1
    grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    return loss, grads


def cases(rng):
    """Inputs; every row of the hidden layer has both signs."""

    def case(N, D, H, C, reg, y=None):
        return {
            "W1": rng.standard_normal((D, H)),
            "b1": rng.standard_normal(H),
            "W2": rng.standard_normal((H, C)),
            "b2": rng.standard_normal(C),
            "X": rng.standard_normal((N, D)),
            "y": rng.integers(0, C, N) if y is None else y,
            "reg": reg,
        }

    yield "all sizes different", case(5, 7, 6, 4, 0.5)
    yield "one example", case(1, 4, 5, 3, 0.1)
    yield "ten classes, wide hidden layer", case(12, 3, 11, 10, 0.05)
    yield "no regularization", case(6, 5, 4, 3, 0.0)
    yield "a class that never occurs, narrow hidden layer", case(6, 4, 2, 3, 0.3, y=np.array([0, 2, 2, 0, 2, 0]))
    yield "32-bit labels", case(8, 2, 7, 5, 0.7, y=rng.integers(0, 5, 8).astype(np.int32))


FAR = 722.0  # exp overflows beyond 709.7, and is 0 below -745


def large_scores(rng):
    """Scores around +1000 and -1000 whose differences are ordinary, by themselves and side by side in one minibatch (the
    maximum of all would leave nothing of the lower rows); then one class, never the label, far below the others.

    exp(FAR) overflows, exp(-FAR) is not yet 0: only subtracting the maximum helps, and log(probs) stays finite.
    """
    for (_, case), (name, offset) in zip(cases(rng), (("scores around 1000", 1e3), ("scores around -1000", -1e3)), strict=False):
        yield name, {**case, "b2": offset + case["b2"]}
    case = next(cases(rng))[1]
    W1, W2, X = case["W1"].copy(), case["W2"].copy(), case["X"].copy()
    W1[0], W1[:, 0], W1[0, 0], W2[0], X[:, 0] = 0, 0, 1, 1, (1e3, -1e3, 0, 1e3, -1e3)  # one hidden unit lifts whole rows
    yield "rows around 1000 and 0", {**case, "W1": W1, "W2": W2, "X": X}
    yield "a score far below the others", {**case, "W2": 0.1 * case["W2"], "b2": case["b2"] - (0, 0, 0, FAR), "y": case["y"] % 3}


CHECKS = [
    Check(
        "stable at large scores",
        of=("two_layer_loss",),
        points=1,
        what="the same loss and gradients at scores around 1000 and -1000, in one minibatch too, and with one far below the others, without overflow",
        hint="exp(1000) overflows. Which number of a row can be subtracted from all its scores without changing a probability?",
        cases=large_scores,
    )
]

VARIANTS = [
    Variant("two_layer_loss", "data_loss", "data_loss = -np.log(probs[np.arange(N), y]).mean()"),
]

MISTAKES = [
    Mistake("relu-forgotten", of="two_layer_loss", stage="h1", code="h1 = X @ W1 + b1", hint="Without an activation function, two layers are one."),
    Mistake("bias-forgotten", of="two_layer_loss", stage="h1", code="h1 = np.maximum(0, X @ W1)", hint="Each layer has a bias."),
    Mistake("bias-after-the-relu", of="two_layer_loss", stage="h1", code="h1 = np.maximum(0, X @ W1) + b1", hint="Is the bias added before or after the activation function?"),
    Mistake("relu-after-the-last-layer", of="two_layer_loss", stage="scores", code="scores = np.maximum(0, h1 @ W2 + b2)", hint="May a score be negative?"),
    Mistake(
        "normalized-over-the-minibatch", of="two_layer_loss", stage="probs",
        code="""
        shifted = scores - scores.max()
        exps = np.exp(shifted)
        probs = exps / exps.sum(axis=0, keepdims=True)
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "summed-over-the-minibatch", of="two_layer_loss", stage="probs",
        code="""
        shifted = scores - scores.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        probs = exps / exps.sum(axis=0, keepdims=True)
        sums = exps.sum(axis=1, keepdims=True)
        """,
        hint="Over which axis do the probabilities of one example sum to 1?",
    ),
    Mistake(
        "maximum-of-each-class-subtracted", of="two_layer_loss", stage="probs",
        code="""
        shifted = scores - scores.max(axis=0, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps / sums
        """,
        hint="What may be subtracted from all scores of an example without changing its probabilities: is it the same number for each of them?",
    ),
    Mistake(
        "scores-through-a-relu", of="two_layer_loss", stage="probs",
        code="""
        shifted = np.maximum(0, scores) - np.maximum(0, scores).max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        probs = exps / sums
        """,
        hint="May a score be negative?",
    ),
    Mistake("mean-forgotten-in-loss", of="two_layer_loss", stage="data_loss", code="data_loss = -np.sum(np.log(probs[np.arange(N), y]))", hint="The data loss is an average over the minibatch."),
    Mistake("second-layer-not-regularized", of="two_layer_loss", stage="reg_loss", code="reg_loss = reg * np.sum(W1 * W1)", hint="Which weights does R cover?"),
    Mistake("biases-regularized", of="two_layer_loss", stage="reg_loss", code="reg_loss = reg * (np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(b1 * b1) + np.sum(b2 * b2))", hint="Are biases regularized?"),
    Mistake("matrix-product-instead-of-squares", of="two_layer_loss", stage="reg_loss", code="reg_loss = reg * (np.sum(W1 @ W1.T) + np.sum(W2 @ W2.T))", hint="R(W) is a sum over single weights: which product multiplies entry by entry?"),
    Mistake("regularization-strength-forgotten", of="two_layer_loss", stage="reg_loss", code="reg_loss = np.sum(W1 * W1) + np.sum(W2 * W2)", hint="What weighs the regularization against the data?"),
    Mistake("regularization-halved", of="two_layer_loss", stage="reg_loss", code="reg_loss = 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))", hint="Read the regularization term in the docstring: is there a factor in front of it?"),
    Mistake("regularization-forgotten-in-loss", of="two_layer_loss", stage="loss", code="loss = data_loss", hint="The full loss has two terms."),
    Mistake(
        "mean-forgotten-in-gradient", of="two_layer_loss", stage="dscores",
        code="""
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        """,
        hint="The loss is an average over the minibatch; what does that do to its gradient?",
    ),
    Mistake("correct-class-forgotten-in-gradient", of="two_layer_loss", stage="dscores", code="dscores = probs / N", hint="The score of the correct class enters the loss twice: in the sum, and by itself."),
    Mistake(
        "regularization-gradient-without-factor-2-in-W2", of="two_layer_loss", stage="dW2",
        code="""
        dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0)
        dW2 += reg * W2
        """,
        hint="Differentiate w**2 once more.",
    ),
    Mistake(
        "regularization-gradient-without-strength-in-W2", of="two_layer_loss", stage="dW2",
        code="""
        dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0)
        dW2 += 2 * W2
        """,
        hint="What weighs the regularization against the data, in the gradient as in the loss?",
    ),
    Mistake(
        "bias-gradient-averaged", of="two_layer_loss", stage="db2",
        code="""
        dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.mean(axis=0)
        dW2 += 2 * reg * W2
        """,
        hint="The mean is in dscores already. What does copying b2 to every example do to the gradients that come back?",
    ),
    Mistake(
        "bias-regularized-in-b2", of="two_layer_loss", stage="db2",
        code="""
        dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0) + 2 * reg * b2
        dW2 += 2 * reg * W2
        """,
        hint="Does the loss hold the biases anywhere but in the scores?",
    ),
    Mistake(
        "regularization-forgotten-in-W2", of="two_layer_loss", stage="dW2",
        code="dh1, dW2, db2 = dscores @ W2.T, h1.T @ dscores, dscores.sum(axis=0)",
        hint="W2 reaches the loss on two ways.",
    ),
    Mistake(
        "regularization-gradient-without-factor-2-in-W1", of="two_layer_loss", stage="dW1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0)
        dW1 += reg * W1
        """,
        hint="Differentiate w**2 once more.",
    ),
    Mistake(
        "regularization-gradient-without-strength-in-W1", of="two_layer_loss", stage="dW1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0)
        dW1 += 2 * W1
        """,
        hint="What weighs the regularization against the data, in the gradient as in the loss?",
    ),
    Mistake(
        "bias-regularized-in-b1", of="two_layer_loss", stage="db1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0) + 2 * reg * b1
        dW1 += 2 * reg * W1
        """,
        hint="Does the loss hold the biases anywhere but in the scores?",
    ),
    Mistake(
        "relu-mask-forgotten", of="two_layer_loss", stage="dW1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dh1, dhidden.sum(axis=0)
        dW1 += 2 * reg * W1
        """,
        hint="Which entries of the hidden layer did not reach the scores?",
    ),
    Mistake(
        "regularization-forgotten-in-W1", of="two_layer_loss", stage="dW1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dhidden, dhidden.sum(axis=0)
        """,
        hint="W1 reaches the loss on two ways.",
    ),
    Mistake(
        "relu-mask-forgotten-in-b1", of="two_layer_loss", stage="db1",
        code="""
        dhidden = dh1 * (h1 > 0)
        dW1, db1 = X.T @ dhidden, dh1.sum(axis=0)
        dW1 += 2 * reg * W1
        """,
        hint="Which entries of the hidden layer did not reach the scores?",
    ),
]
