"""A recurrent network that reads an image row by row, right in every line."""

import numpy as np


class RowReader:
    """h = tanh(row Wx + h Wh + b) from the first row to the last, then dense on the last h."""

    def __init__(self, width, classes, hidden=32, reg=1e-4, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.params = {
            "Wx": rng.standard_normal((width, hidden)) / np.sqrt(width),
            "Wh": rng.standard_normal((hidden, hidden)) / np.sqrt(hidden),
            "b": np.zeros(hidden),
            "Wo": rng.standard_normal((hidden, classes)) / np.sqrt(hidden),
            "bo": np.zeros(classes),
        }

    def loss(self, X, y=None):
        """Return the scores, or with labels the loss and its gradients."""
        p, n = self.params, len(X)
        rows = X.reshape(n, X.shape[1], -1)
        states = [np.zeros((n, len(p["b"])))]
        for t in range(rows.shape[1]):
            states.append(np.tanh(rows[:, t] @ p["Wx"] + states[-1] @ p["Wh"] + p["b"]))
        scores = states[-1] @ p["Wo"] + p["bo"]
        if y is None:
            return scores
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = exps / exps.sum(axis=1, keepdims=True)
        loss = -np.log(shares[np.arange(n), y]).mean()
        d = shares.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads = {name: np.zeros_like(each) for name, each in p.items()}
        grads["Wo"], grads["bo"] = states[-1].T @ d, d.sum(axis=0)
        dh = d @ p["Wo"].T
        for t in reversed(range(rows.shape[1])):
            da = dh * (1 - states[t + 1] ** 2)
            grads["Wx"] += rows[:, t].T @ da
            grads["Wh"] += states[t].T @ da
            grads["b"] += da.sum(axis=0)
            dh = da @ p["Wh"].T
        for name in ("Wx", "Wh", "Wo"):
            loss += 0.5 * self.reg * np.sum(p[name] ** 2)
            grads[name] += self.reg * p[name]
        return loss, grads


def build(input_shape, classes, seed):
    """Return the network for such examples."""
    return RowReader(int(np.prod(input_shape[1:])), classes, seed=seed)
