"""Gradient descent on all data, and on minibatches.

Lecture 4, "Vanilla Gradient Descent" and "Vanilla Minibatch Gradient Descent"; course notes, "Optimization".
"""

import numpy as np

from grader.exercise import Made, Mistake


def gradient_descent(loss_fun, data, weights, step_size, num_steps):
    """Vanilla gradient descent: num_steps times evaluate the gradient on all data, and step against it.

    Args:
        loss_fun: function; loss_fun(weights, data) returns the loss, a number, and its gradient, shaped as the weights
        data: whatever loss_fun takes as its second argument
        weights: (d_1, ..., d_k) where the descent starts; the array itself must keep its values
        step_size: () length of a step, in units of the gradient
        num_steps: () number of steps, T

    On the way:
        path: (S, d_1, ..., d_k) the weights at the start and after every step, S = T + 1

    Returns:
        losses: (T,) loss before each step
        final: (d_1, ..., d_k) weights after the last step

    Source: lecture 4, vanilla gradient descent; weights_grad = evaluate_gradient(...) is what loss_fun returns second.
    """
    # forward and backward pass: one step after the other
    path = np.zeros((num_steps + 1, *weights.shape))                  # (S, d_1, ..., d_k) weights at the start and after every step [3]
    path[0] = weights
    for t in range(num_steps):
        _, weights_grad = loss_fun(path[t], data)
        path[t + 1] = path[t] - step_size * weights_grad
    losses = np.array([loss_fun(w, data)[0] for w in path[:-1]])      # (T,) loss before each step [1]
    final = path[-1]                                                  # (d_1, ..., d_k) weights after the last step [1]
    return losses, final


def minibatch_sgd(loss_fun, X, y, W, step_size, num_steps, batch_size, rng):
    """Minibatch gradient descent: as gradient_descent, but each step sees only a random sample of the examples.

    Each step draws its sample by rng.choice(N, batch_size): numbers of examples, one drawn twice counting twice.
    Draw once a step and nothing else, so that everybody who starts from the same rng sees the same samples.

    Args:
        loss_fun: function; loss_fun(W, X_batch, y_batch) returns the mean loss of the examples and its gradient
        X: (N, D) examples, one a row
        y: (N,) labels, y[i] belongs to X[i]
        W: (D, C) where the descent starts; the array itself must keep its values
        step_size: () length of a step, in units of the gradient
        num_steps: () number of steps, T
        batch_size: () examples in a sample, B: 32, 64, 128 or 256 are common
        rng: random generator, a numpy.random.Generator

    On the way:
        batches: (T, B) numbers of the examples of each step
        path: (S, D, C) the weights at the start and after every step, S = T + 1

    Returns:
        losses: (T,) loss of each step's sample, before the step
        final: (D, C) weights after the last step

    Source: lecture 4, stochastic gradient descent, vanilla minibatch gradient descent.
    """
    N = X.shape[0]

    # forward and backward pass: one step after the other
    batches = np.array([rng.choice(N, batch_size) for _ in range(num_steps)])   # (T, B) numbers of the examples of each step [2]
    path = np.zeros((num_steps + 1, *W.shape))                                  # (S, D, C) weights at the start and after every step [3]
    path[0] = W
    for t in range(num_steps):
        _, weights_grad = loss_fun(path[t], X[batches[t]], y[batches[t]])
        path[t + 1] = path[t] - step_size * weights_grad
    losses = np.array([loss_fun(w, X[i], y[i])[0] for w, i in zip(path[:-1], batches, strict=True)])  # (T,) loss of each step's sample, before the step [1]
    final = path[-1]                                                            # (D, C) weights after the last step [1]
    return losses, final


# losses of (weights, data), whatever the data are
BOWL = "lambda w, data: (np.sum((w - data) ** 2), 2 * (w - data))"
VALLEY = "lambda w, data: (np.sum(np.sqrt(1 + (w - data) ** 2)), (w - data) / np.sqrt(1 + (w - data) ** 2))"
WAVES = "lambda w, data: (np.sum(data * np.cos(w)), -data * np.sin(w))"
REGRESSION = (
    "lambda w, data: (np.mean((data[0] @ w - data[1]) ** 2), 2 * data[0].T @ (data[0] @ w - data[1]) / len(data[1]))"
)

# losses of (W, X, y), a mean over the examples that are handed in
SQUARES = (
    "lambda W, X, y: (lambda miss: (np.sum(miss ** 2) / len(y), 2 * X.T @ miss / len(y)))"
    "(X @ W - np.eye(W.shape[1])[y])"
)
SOFTMAX = (
    "lambda W, X, y: (lambda e: (np.mean(np.log(e.sum(axis=1) / e[np.arange(len(y)), y])), "
    "X.T @ (e / e.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y]) / len(y)))(np.exp(X @ W))"
)


def cases(rng):
    """Inputs of both exercises: a problem of (weights, data), and beside it one of (W, X, y)."""

    def case(on_all, weights, data, on_batches, N, D, C, B, step_size, T):
        return {
            "loss_fun": Made(f"lambda w, *data: ({on_all} if len(data) == 1 else {on_batches})(w, *data)"),
            "weights": weights,
            "data": data,
            "X": rng.standard_normal((N, D)),
            "y": rng.integers(0, C, N),
            "W": 0.3 * rng.standard_normal((D, C)),
            "step_size": step_size,
            "num_steps": T,
            "batch_size": B,
            "rng": Made(f"np.random.default_rng({rng.integers(1 << 30)})"),
        }

    def normal(*shape):
        return rng.standard_normal(shape)

    yield "a vector; batches of 4", case(f"({BOWL})", normal(3), normal(3), f"({SQUARES})", 13, 5, 6, 4, 0.1, 7)
    yield (
        "a matrix; batches of 32",
        case(f"({REGRESSION})", normal(4, 3), (normal(9, 4), normal(9, 3)), f"({SOFTMAX})", 90, 6, 3, 32, 0.05, 5),
    )
    yield "three axes; 64", case(f"({WAVES})", normal(2, 3, 4), normal(2, 3, 4), f"({SQUARES})", 100, 4, 5, 64, 0.02, 3)
    yield "one number; one example", case(f"({BOWL})", normal(1), normal(1), f"({SOFTMAX})", 1, 4, 3, 1, 0.2, 6)
    yield "a vector; 128", case(f"({VALLEY})", normal(6), normal(6), f"({SOFTMAX})", 150, 3, 4, 128, 0.04, 8)
    yield "a row; 256", case(f"({WAVES})", normal(1, 5), normal(1, 5), f"({SOFTMAX})", 300, 2, 7, 256, 0.3, 4)
    yield "one step; batches of 2", case(f"({BOWL})", normal(4, 2), normal(4, 2), f"({SOFTMAX})", 11, 3, 5, 2, 0.3, 1)


MISTAKES = [
    Mistake(
        "uphill", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], data)
            path[t + 1] = path[t] + step_size * weights_grad
        """,
        hint="The gradient points to where the loss grows. Which way do you want to go?",
    ),
    Mistake(
        "step-size-forgotten", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], data)
            path[t + 1] = path[t] - weights_grad
        """,
        hint="What should change in the path when the step size is halved?",
    ),
    Mistake(
        "always-from-the-start", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], data)
            path[t + 1] = weights - step_size * weights_grad
        """,
        hint="From where does the second step set out?",
    ),
    Mistake(
        "direction-without-length", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], data)
            path[t + 1] = path[t] - step_size * weights_grad / np.linalg.norm(weights_grad)
        """,
        hint="Should a step be as long where the slope is gentle as where it is steep?",
    ),
    Mistake(
        "divided-by-the-step-number", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], data)
            path[t + 1] = path[t] - step_size / (t + 1) * weights_grad
        """,
        hint="The vanilla loop has one step size. Does yours change with time?",
    ),
    Mistake(
        "gradient-of-the-start", of="gradient_descent", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *weights.shape))
        path[0] = weights
        for t in range(num_steps):
            _, weights_grad = loss_fun(weights, data)
            path[t + 1] = path[t] - step_size * weights_grad
        """,
        hint="At which weights do you ask for the gradient? Do they change from step to step?",
    ),
    Mistake(
        "loss-after-the-step", of="gradient_descent", stage="losses",
        code="losses = np.array([loss_fun(w, data)[0] for w in path[1:]])",
        hint="What was the loss at the very start? Does it stand in your losses?",
    ),
    Mistake(
        "losses-added-up", of="gradient_descent", stage="losses",
        code="losses = np.cumsum([loss_fun(w, data)[0] for w in path[:-1]])",
        hint="Is each entry the loss of one step, or of all steps so far?",
    ),
    Mistake(
        "last-step-forgotten", of="gradient_descent", stage="final",
        code="final = path[-2]",
        hint="How many steps were taken before the weights that you return?",
    ),
    Mistake(
        "mean-of-the-path", of="gradient_descent", stage="final",
        code="final = path.mean(axis=0)",
        hint="Where does the descent stand at its end?",
    ),
    Mistake(
        "drawn-without-replacement", of="minibatch_sgd", stage="batches",
        code="batches = np.array([rng.choice(N, batch_size, replace=False) for _ in range(num_steps)])",
        hint="rng.choice(N, batch_size) may draw an example twice. Can yours?",
    ),
    Mistake(
        "one-sample-for-all-steps", of="minibatch_sgd", stage="batches",
        code="batches = np.tile(rng.choice(N, batch_size), (num_steps, 1))",
        hint="How many samples are drawn in all, and where does the draw belong: before the loop, or inside?",
    ),
    Mistake(
        "all-examples-every-step", of="minibatch_sgd", stage="batches",
        code="batches = np.tile(np.arange(N), (num_steps, 1))",
        hint="How many examples should one step look at?",
    ),
    Mistake(
        "in-order-instead-of-at-random", of="minibatch_sgd", stage="batches",
        code="batches = np.arange(num_steps * batch_size).reshape(num_steps, batch_size) % N",
        hint="Walking through the examples in their order is a way too. What does the docstring prescribe?",
    ),
    Mistake(
        "only-the-first-examples", of="minibatch_sgd", stage="batches",
        code="batches = np.array([rng.choice(batch_size, batch_size) for _ in range(num_steps)])",
        hint="From how many examples do you draw? Can the last one be drawn?",
    ),
    Mistake(
        "uphill", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X[batches[t]], y[batches[t]])
            path[t + 1] = path[t] + step_size * weights_grad
        """,
        hint="The gradient points to where the loss grows. Which way do you want to go?",
    ),
    Mistake(
        "step-size-forgotten", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X[batches[t]], y[batches[t]])
            path[t + 1] = path[t] - weights_grad
        """,
        hint="What should change in the path when the step size is halved?",
    ),
    Mistake(
        "always-from-the-start", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X[batches[t]], y[batches[t]])
            path[t + 1] = W - step_size * weights_grad
        """,
        hint="From where does the second step set out?",
    ),
    Mistake(
        "gradient-of-the-start", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(W, X[batches[t]], y[batches[t]])
            path[t + 1] = path[t] - step_size * weights_grad
        """,
        hint="At which weights do you ask for the gradient? Do they change from step to step?",
    ),
    Mistake(
        "labels-of-other-examples", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X[batches[t]], y[:batch_size])
            path[t + 1] = path[t] - step_size * weights_grad
        """,
        hint="You took some rows of X. Which labels belong to them?",
    ),
    Mistake(
        "gradient-of-all-data", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X, y)
            path[t + 1] = path[t] - step_size * weights_grad
        """,
        hint="The point of a minibatch is that a step need not look at all examples. On which did you evaluate the gradient?",
    ),
    Mistake(
        "mean-taken-twice", of="minibatch_sgd", stage="path",
        code="""
        path = np.zeros((num_steps + 1, *W.shape))
        path[0] = W
        for t in range(num_steps):
            _, weights_grad = loss_fun(path[t], X[batches[t]], y[batches[t]])
            path[t + 1] = path[t] - step_size * weights_grad / batch_size
        """,
        hint="loss_fun already returns a mean. What does dividing once more do to your steps?",
    ),
    Mistake(
        "loss-after-the-step", of="minibatch_sgd", stage="losses",
        code="losses = np.array([loss_fun(w, X[i], y[i])[0] for w, i in zip(path[1:], batches, strict=True)])",
        hint="What was the loss at the very start? Does it stand in your losses?",
    ),
    Mistake(
        "loss-of-all-data", of="minibatch_sgd", stage="losses",
        code="losses = np.array([loss_fun(w, X, y)[0] for w in path[:-1]])",
        hint="On which examples is the loss of a step taken?",
    ),
    Mistake(
        "losses-added-up", of="minibatch_sgd", stage="losses",
        code="losses = np.cumsum([loss_fun(w, X[i], y[i])[0] for w, i in zip(path[:-1], batches, strict=True)])",
        hint="Is each entry the loss of one step, or of all steps so far?",
    ),
    Mistake(
        "last-step-forgotten", of="minibatch_sgd", stage="final",
        code="final = path[-2]",
        hint="How many steps were taken before the weights that you return?",
    ),
    Mistake(
        "mean-of-the-path", of="minibatch_sgd", stage="final",
        code="final = path.mean(axis=0)",
        hint="Where does the descent stand at its end?",
    ),
]
