"""A network with two residual blocks, right in every line."""

import numpy as np


class ResidualNet:
    """Dense, then twice h + relu(h A + a) B, then dense; softmax loss, ½·reg·Σw²."""

    def __init__(self, inputs, classes, units=40, reg=1e-4, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg

        def weights(fan_in, fan_out, gain):
            return rng.standard_normal((fan_in, fan_out)) * np.sqrt(gain / fan_in)

        self.params = {"W0": weights(inputs, units, 1), "b0": np.zeros(units)}
        for i in (1, 2):
            self.params[f"A{i}"] = weights(units, units, 2)
            self.params[f"a{i}"] = np.zeros(units)
            self.params[f"B{i}"] = weights(units, units, 0.5)
        self.params["W3"], self.params["b3"] = weights(units, classes, 1), np.zeros(classes)

    def loss(self, X, y=None):
        """Return the scores, or with labels the loss and its gradients."""
        p, n = self.params, len(X)
        X = X.reshape(n, -1)
        hs, us = [X @ p["W0"] + p["b0"]], []
        for i in (1, 2):
            us.append(np.maximum(0, hs[-1] @ p[f"A{i}"] + p[f"a{i}"]))
            hs.append(hs[-1] + us[-1] @ p[f"B{i}"])
        scores = hs[-1] @ p["W3"] + p["b3"]
        if y is None:
            return scores
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        loss = -np.log(shares[np.arange(n), y]).sum() / n
        d = shares
        d[np.arange(n), y] -= 1
        d /= n
        grads = {"W3": hs[-1].T @ d, "b3": d.sum(axis=0)}
        d = d @ p["W3"].T
        for i in (2, 1):
            grads[f"B{i}"] = us[i - 1].T @ d
            inner = (d @ p[f"B{i}"].T) * (us[i - 1] > 0)
            grads[f"A{i}"] = hs[i - 1].T @ inner
            grads[f"a{i}"] = inner.sum(axis=0)
            d = d + inner @ p[f"A{i}"].T
        grads["W0"], grads["b0"] = X.T @ d, d.sum(axis=0)
        for name, values in p.items():
            if values.ndim == 2:
                loss += 0.5 * self.reg * np.sum(values * values)
                grads[name] += self.reg * values
        return loss, grads


def build(input_shape, classes, seed):
    """Return the network for such examples."""
    return ResidualNet(int(np.prod(input_shape)), classes, seed=seed)
