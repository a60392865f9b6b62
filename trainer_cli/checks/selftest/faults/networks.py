"""Faults in networks that users write, by what is wrong: the loss, the penalty, the start."""

from __future__ import annotations

from trainer_cli.checks.selftest.faults.edited import edited

LOSS, GRADIENT, ZERO = "initial-loss", "gradient-at-start", "loss-at-zero-scores"
PENALTY, PENALTY_GRADIENT = "regularization-loss", "regularization-gradient"
OUTPUT, INPUTS = "output-activation", "input-independence"

TWO, SCALE = "two_layer", "* np.sqrt(gain / fan_in)"

OF_THE_LOSS = (
    edited("log2 for log", TWO, "-np.log(p", "-np.log2(p", ZERO, LOSS),
    edited("sum for mean", TWO, ".mean()\n", ".sum()\n", ZERO, LOSS),
    edited(
        "double softmax",
        TWO,
        "        loss = -np.log",
        "        p = np.exp(p)\n        p /= p.sum(axis=1, keepdims=True)\n        loss = -np.log",
        LOSS,
    ),
    edited(
        "softmax over the examples",
        TWO,
        "p /= p.sum(axis=1, keepdims=True)",
        "p /= p.sum(axis=0, keepdims=True)",
        ZERO,
        LOSS,
    ),
    edited(
        "labels of the loss off by one",
        TWO,
        "        n = len(X)\n",
        "        n = len(X)\n        y = y - 1\n",
        LOSS,
    ),
    edited(
        "loss of the first example alone",
        TWO,
        "-np.log(p[np.arange(n), y]).mean()",
        "-np.log(p[0, y[0]])",
        LOSS,
    ),
    edited(
        "sign of the loss",
        TWO,
        "loss = -np.log(p",
        "loss = np.log(p",
        ZERO,
        LOSS,
    ),
    edited(
        "margin of the right class in the hinge loss",
        "linear_svm",
        "        margins[np.arange(n), y] = 0\n",
        "",
        ZERO,
        LOSS,
    ),
)

OF_THE_PENALTY = (
    edited(
        "penalty on the biases",
        TWO,
        "(W2 * W2).sum()",
        "(W2 * W2).sum() + (b1 * b1).sum() + (b2 * b2).sum()",
        PENALTY,
    ),
    edited("penalty leaves out a layer", TWO, " + (W2 * W2).sum()", "", PENALTY),
    edited(
        "penalty divided by the examples",
        TWO,
        "0.5 * self.reg",
        "0.5 / n * self.reg",
        PENALTY,
    ),
    edited("penalty subtracted", TWO, "loss += 0.5", "loss -= 0.5", PENALTY),
    edited("penalty without gradient", TWO, " + self.reg * W2", "", PENALTY_GRADIENT),
    edited(
        "penalty's gradient twice",
        TWO,
        "+ self.reg * W1",
        "+ 2 * self.reg * W1",
        PENALTY_GRADIENT,
    ),
    edited(
        "penalty without the half of its gradient",
        "linear_svm",
        "loss += 0.5 * self.reg",
        "loss += self.reg",
        PENALTY_GRADIENT,
    ),
)

OF_THE_SCORES = (
    edited(
        "relu behind the last layer",
        TWO,
        "hidden @ W2 + b2",
        "np.maximum(0, hidden @ W2 + b2)",
        OUTPUT,
    ),
    edited(
        "sigmoid behind the last layer",
        TWO,
        "hidden @ W2 + b2",
        "1 / (1 + np.exp(-(hidden @ W2 + b2)))",
        OUTPUT,
    ),
    edited(
        "nine scores for ten classes",
        TWO,
        "int(np.prod(input_shape)), 50, classes",
        "int(np.prod(input_shape)), 50, 9",
        "output-units",
    ),
    edited(
        "no nonlinearity between two layers",
        "fully_connected",
        "return np.maximum(0, x), (x > 0).astype(x.dtype)",
        "return x, np.ones_like(x)",
        "missing-nonlinearity",
    ),
    edited(
        "one hidden unit",
        TWO,
        "int(np.prod(input_shape)), 50, classes",
        "int(np.prod(input_shape)), 1, classes",
        "bottleneck",
        "overfit",
    ),
    edited(
        "inputs lost",
        TWO,
        "X = X.reshape(len(X), -1)",
        "X = 0 * X.reshape(len(X), -1)",
        INPUTS,
    ),
    edited(
        "mean of the batch subtracted",
        TWO,
        "hidden = np.maximum(0, X @ W1 + b1)",
        "X = X - X.mean(axis=0)\n        hidden = np.maximum(0, X @ W1 + b1)",
        "batch-independence",
    ),
)

OF_THE_START = (
    edited(
        "weights of zero",
        "residual",
        SCALE,
        "* 0",
        "constant-initialization",
    ),
    edited(
        "one layer of zeros",
        TWO,
        "rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs)",
        "np.zeros((inputs, hidden))",
        "constant-initialization",
        INPUTS,
    ),
    edited(
        "one layer of equal weights",
        TWO,
        "rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs)",
        "np.full((inputs, hidden), 0.01)",
        "constant-initialization",
        "bottleneck",
    ),
    edited("own weights of std 1.0", "residual", SCALE, "* 1.0", LOSS),
    edited("huge weights", TWO, "np.sqrt(2 / inputs)", "1e9", LOSS),
    edited("own weights of std 1e-8", "residual", SCALE, "* 1e-8", "vanishing-activations"),
)

NETWORKS = (*OF_THE_LOSS, *OF_THE_PENALTY, *OF_THE_SCORES, *OF_THE_START)
