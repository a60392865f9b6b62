"""A deep network with batch normalization and dropout, right in every line."""

import numpy as np

HIDDEN, NONLINEARITY = (50, 30), "relu"
NORMALIZED = True
DROPPED = 0.2
GENERATOR = np.random.default_rng(0)


def activate(x):
    """Return the nonlinearity and its slope."""
    if NONLINEARITY == "relu":
        return np.maximum(0, x), (x > 0).astype(x.dtype)
    if NONLINEARITY == "tanh":
        t = np.tanh(x)
        return t, 1 - t * t
    s = 1 / (1 + np.exp(-x))
    return s, s * (1 - s)


def normalize(x, gamma, beta, running, training, momentum=0.9, eps=1e-5):
    """Return the batch normalized, and what backward needs."""
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running["mean"] = momentum * running["mean"] + (1 - momentum) * mean
        running["var"] = momentum * running["var"] + (1 - momentum) * var
    else:
        mean, var = running["mean"], running["var"]
    root = np.sqrt(var + eps)
    hat = (x - mean) / root
    return gamma * hat + beta, (hat, gamma, root)


def normalize_backward(d, cache):
    """Return the gradients of x, gamma and beta."""
    hat, gamma, root = cache
    d_gamma, d_beta = (d * hat).sum(axis=0), d.sum(axis=0)
    d_hat = d * gamma
    below = d_hat - d_hat.mean(axis=0)
    below -= hat * (d_hat * hat).mean(axis=0)
    return below / root, d_gamma, d_beta


def drop(x, training):
    """Return the units that stay, and the mask."""
    if not training or not DROPPED:
        return x, 1.0
    mask = (np.random.rand(*x.shape) >= DROPPED) / (1 - DROPPED)  # noqa: NPY002
    return x * mask, mask


class FullyConnectedNet:
    """{dense - [batch norm] - nonlinearity - [dropout]} for each hidden layer, dense."""

    def __init__(self, sizes, reg=1e-3, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.layers = len(sizes) - 1
        self.params = {}
        self.running = []
        for i in range(1, len(sizes)):
            fan_in, units = sizes[i - 1], sizes[i]
            self.params[f"W{i}"] = rng.standard_normal((fan_in, units)) * np.sqrt(2 / fan_in)
            self.params[f"b{i}"] = np.zeros(units)
            if NORMALIZED and i < self.layers:
                self.params[f"gamma{i}"] = np.ones(units)
                self.params[f"beta{i}"] = np.zeros(units)
                self.running.append({"mean": np.zeros(units), "var": np.ones(units)})

    def loss(self, X, y=None):
        """Return the scores, or with labels the loss and its gradients."""
        training = y is not None
        p, caches = self.params, []
        h = X.reshape(len(X), -1)
        for i in range(1, self.layers):
            a, norm = h @ p[f"W{i}"] + p[f"b{i}"], None
            if NORMALIZED:
                running = self.running[i - 1]
                a, norm = normalize(a, p[f"gamma{i}"], p[f"beta{i}"], running, training)
            z, slope = activate(a)
            out, mask = drop(z, training)
            caches.append((h, norm, slope, mask))
            h = out
        last = self.layers
        scores = h @ p[f"W{last}"] + p[f"b{last}"]
        if not training:
            return scores

        n = len(X)
        scores = scores - scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        loss = -logs[np.arange(n), y].mean()
        d = np.exp(logs)
        d[np.arange(n), y] -= 1
        d /= n
        grads = {f"W{last}": h.T @ d, f"b{last}": d.sum(axis=0)}
        for i in range(last - 1, 0, -1):
            h, norm, slope, mask = caches[i - 1]
            d = d @ p[f"W{i + 1}"].T
            d = d * mask
            d = d * slope
            if NORMALIZED:
                d, grads[f"gamma{i}"], grads[f"beta{i}"] = normalize_backward(d, norm)
            grads[f"W{i}"] = h.T @ d
            grads[f"b{i}"] = d.sum(axis=0)
        for i in range(1, self.layers + 1):
            loss += 0.5 * self.reg * np.sum(p[f"W{i}"] ** 2)
            grads[f"W{i}"] += self.reg * p[f"W{i}"]
        return loss, grads


def build(input_shape, classes, seed):
    """Return the network for such examples."""
    return FullyConnectedNet([int(np.prod(input_shape)), *HIDDEN, classes], seed=seed)
