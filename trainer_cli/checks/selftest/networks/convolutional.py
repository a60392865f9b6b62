"""Convolution, relu, maxima of 2 x 2, dense: a network for small images, right in every line.

N examples, H x W pixels, C channels, F filters, K x K kernels.
"""

import numpy as np

PAD = 1


def conv_forward(x, w, b):
    """Convolve x (N, H, W, C) with w (K, K, C, F), with zeros around it."""
    k = w.shape[0]
    height, width = x.shape[1] + 2 * PAD - k + 1, x.shape[2] + 2 * PAD - k + 1
    padded = np.pad(x, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    out = np.zeros((len(x), height, width, w.shape[3])) + b
    for i in range(k):
        for j in range(k):
            out += padded[:, i : i + height, j : j + width] @ w[i, j]
    return out, (padded, w)


def conv_backward(d, cache):
    """Return the gradients of x, w and b."""
    padded, w = cache
    k, (height, width) = w.shape[0], d.shape[1:3]
    d_padded, d_w = np.zeros_like(padded), np.zeros_like(w)
    for i in range(k):
        for j in range(k):
            window = padded[:, i : i + height, j : j + width]
            d_w[i, j] = np.tensordot(window, d, ([0, 1, 2], [0, 1, 2]))
            d_padded[:, i : i + height, j : j + width] += d @ w[i, j].T
    below = d_padded[:, PAD:-PAD, PAD:-PAD]
    return below, d_w, d.sum(axis=(0, 1, 2))


def pool_forward(x):
    """Return the largest of each 2 x 2 pixels."""
    n, h, w, c = x.shape
    windows = x.reshape(n, h // 2, 2, w // 2, 2, c)
    out = windows.max(axis=(2, 4))
    return out, (windows, out)


def pool_backward(d, cache):
    """Give the gradient to the pixel that was largest."""
    windows, out = cache
    largest = windows == out[:, :, None, :, None]
    below = largest * d[:, :, None, :, None]
    n, h, _, w, _, c = below.shape
    return below.reshape(n, 2 * h, 2 * w, c)


class ConvNet:
    """conv - relu - conv - relu - pool - dense; softmax loss, ½·reg·Σw²."""

    def __init__(self, shape, classes, filters=4, kernel=3, reg=1e-3, seed=0):
        rng = np.random.default_rng(seed)
        height, width, channels = shape
        self.reg = reg
        fan_in, fan_out = kernel * kernel * channels, kernel * kernel * filters
        units = (height // 2) * (width // 2) * filters
        self.params = {
            "K1": rng.standard_normal((kernel, kernel, channels, filters)) * np.sqrt(2 / fan_in),
            "b1": np.zeros(filters),
            "K2": rng.standard_normal((kernel, kernel, filters, filters)) * np.sqrt(2 / fan_out),
            "b2": np.zeros(filters),
            "W3": rng.standard_normal((units, classes)) * np.sqrt(1 / units),
            "b3": np.zeros(classes),
        }

    def loss(self, X, y=None):
        """Return the scores, or with labels the loss and its gradients."""
        p, n = self.params, len(X)
        a1, conv1 = conv_forward(X, p["K1"], p["b1"])
        h1 = np.maximum(a1, 0)
        a2, conv2 = conv_forward(h1, p["K2"], p["b2"])
        h2 = np.maximum(a2, 0)
        h3, pool = pool_forward(h2)
        flat = h3.reshape(n, -1)
        scores = flat @ p["W3"] + p["b3"]
        if y is None:
            return scores
        shifted = scores - scores.max(axis=1, keepdims=True)
        shares = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        loss = -np.log(shares[np.arange(n), y]).mean()
        loss += 0.5 * self.reg * sum(np.sum(p[k] ** 2) for k in ("K1", "K2", "W3"))
        d = shares.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads = {"W3": flat.T @ d, "b3": d.sum(axis=0)}
        d = (d @ p["W3"].T).reshape(h3.shape)
        d = pool_backward(d, pool)
        d = d * (a2 > 0)
        d, grads["K2"], grads["b2"] = conv_backward(d, conv2)
        d = d * (a1 > 0)
        _, grads["K1"], grads["b1"] = conv_backward(d, conv1)
        for k in ("K1", "K2", "W3"):
            grads[k] += self.reg * p[k]
        return loss, grads


def build(input_shape, classes, seed):
    """Return the network for such examples."""
    return ConvNet(input_shape, classes, seed=seed)
