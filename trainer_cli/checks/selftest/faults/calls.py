"""Faults in networks that users write: what differs between calls, or from loss to scores."""

from __future__ import annotations

from trainer_cli.checks.selftest.faults.edited import edited

TWO, DEEP, SVM = "two_layer", "fully_connected", "linear_svm"
LOSS, ZERO, EFFECTS = "initial-loss", "loss-at-zero-scores", "side-effects"
SCORES = "            return scores\n"

CALLS = (
    edited(
        "no bias in the scores of loss(X)",
        TWO,
        SCORES,
        "            return hidden @ W2\n",
        LOSS,
    ),
    edited(
        "no relu in the scores of loss(X)",
        TWO,
        SCORES,
        "            return (X @ W1 + b1) @ W2 + b2\n",
        LOSS,
    ),
    edited(
        "probabilities for scores",
        TWO,
        SCORES,
        "            p = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
        "            return p / p.sum(axis=1, keepdims=True)\n",
        "output-activation",
    ),
    edited(
        "examples shuffled without their labels",
        TWO,
        "        X = X.reshape(len(X), -1)\n",
        "        X = X.reshape(len(X), -1)\n"
        "        X = X if y is None else np.random.permutation(X)  # noqa: NPY002\n",
        LOSS,
    ),
    edited(
        "loss of half of the batch",
        TWO,
        "-np.log(p[np.arange(n), y]).mean()",
        "-np.log(p[np.arange(n), y])[: n // 2].mean()",
        LOSS,
    ),
    edited(
        "inputs of the first call kept",
        TWO,
        "        n = len(X)\n",
        '        n, X = len(X), self.__dict__.setdefault("X", X)[: len(X)]\n',
        EFFECTS,
    ),
    edited(
        "inputs scaled in place",
        TWO,
        "        X = X.reshape(len(X), -1)\n",
        "        X *= 0.5\n        X = X.reshape(len(X), -1)\n",
        EFFECTS,
    ),
    edited("batch norm without eps", DEEP, "np.sqrt(var + eps)", "np.sqrt(var)", ZERO, LOSS),
    edited("margin of 10", SVM, "DELTA = 1.0", "DELTA = 10.0", ZERO),
    edited(
        "weights that are all positive",
        TWO,
        "rng.standard_normal((inputs, hidden))",
        "rng.random((inputs, hidden))",
        "constant-initialization",
    ),
    edited("penalty that outweighs all", TWO, "reg=1e-3", "reg=1e2", "penalty-outweighs-loss"),
)
