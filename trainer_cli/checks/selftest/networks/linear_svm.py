"""A linear classifier with a hinge loss, as the CS231n assignments begin, right in every line."""

import numpy as np

DELTA = 1.0


class LinearSvm:
    """scores = x W + b; multiclass hinge loss, ½·reg·Σw²."""

    def __init__(self, inputs, classes, reg=1e-3, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.params = {
            "W": 0.001 * rng.standard_normal((inputs, classes)),
            "b": np.zeros(classes),
        }

    def loss(self, X, y=None):
        """Return the scores, or with labels the loss and its gradients."""
        W, b = self.params["W"], self.params["b"]
        X = X.reshape(len(X), -1)
        scores = X @ W + b
        if y is None:
            return scores
        n = len(X)
        right = scores[np.arange(n), y]
        margins = np.maximum(0, scores - right[:, None] + DELTA)
        margins[np.arange(n), y] = 0
        loss = margins.sum() / n
        loss += 0.5 * self.reg * np.sum(W * W)
        d = (margins > 0).astype(float)
        d[np.arange(n), y] -= d.sum(axis=1)
        d /= n
        return loss, {"W": X.T @ d + self.reg * W, "b": d.sum(axis=0)}


def build(input_shape, classes, seed):
    """Return the classifier for such examples."""
    return LinearSvm(int(np.prod(input_shape)), classes, seed=seed)
