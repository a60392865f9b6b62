"""Faults in backward, and in what is otherwise in training and at test time, of users' networks."""

from __future__ import annotations

from trainer_cli.checks.selftest.faults.edited import edited

GRADIENT = "gradient-at-start"
TWO, DEEP, IMAGES = "two_layer", "fully_connected", "convolutional"

OF_DENSE_LAYERS = (
    edited(
        "wrong sign",
        TWO,
        "d[np.arange(n), y] -= 1\n",
        "d[np.arange(n), y] -= 1\n        d = -d\n",
        GRADIENT,
    ),
    edited("missing batch division", TWO, "        d /= n\n", "", GRADIENT),
    edited("divided by the batch twice", TWO, "        d /= n\n", "        d /= n * n\n", GRADIENT),
    edited(
        "missing bias gradient",
        TWO,
        'grads["b1"] = dh.sum(axis=0)',
        'grads["b1"] = np.zeros_like(b1)',
        GRADIENT,
    ),
    edited(
        "bias gradient left out",
        TWO,
        '        grads["b1"] = dh.sum(axis=0)\n',
        "",
        GRADIENT,
    ),
    edited(
        "transposed gradient",
        TWO,
        'grads["W1"] = X.T @ dh + self.reg * W1',
        'grads["W1"] = dh.T @ X',
        GRADIENT,
    ),
    edited(
        "transposed weights in a square layer",
        "residual",
        'd = d + inner @ p[f"A{i}"].T',
        'd = d + inner @ p[f"A{i}"]',
        GRADIENT,
    ),
    edited("no gradient through relu", TWO, "        dh[hidden <= 0] = 0\n", "", GRADIENT),
    edited(
        "relu's mask of another layer",
        "residual",
        '(d @ p[f"B{i}"].T) * (us[i - 1] > 0)',
        '(d @ p[f"B{i}"].T) * (us[0] > 0)',
        GRADIENT,
    ),
    edited(
        "labels of the gradient off by one",
        TWO,
        "d[np.arange(n), y] -= 1",
        "d[np.arange(n), y - 1] -= 1",
        GRADIENT,
    ),
    edited("bias that is not used", TWO, "X @ W1 + b1", "X @ W1", GRADIENT),
    edited(
        "skip connection without gradient",
        "residual",
        'd = d + inner @ p[f"A{i}"].T',
        'd = inner @ p[f"A{i}"].T',
        GRADIENT,
    ),
    edited(
        "one layer frozen",
        "residual",
        'grads["W0"], grads["b0"] = X.T @ d',
        'grads["W0"], grads["b0"] = 0 * X.T @ d',
        GRADIENT,
    ),
    edited(
        "weights shared by accident",
        "residual",
        '            self.params[f"a{i}"]',
        '            self.params[f"A{i}"] = self.params["A1"]\n            self.params[f"a{i}"]',
        GRADIENT,
    ),
    edited(
        "gradients added to those of the call before",
        "recurrent",
        "grads = {name: np.zeros_like(each) for name, each in p.items()}",
        'grads = self.__dict__.setdefault("g", {k: np.zeros_like(v) for k, v in p.items()})',
        "side-effects",
    ),
    edited(
        "loss that updates the weights",
        TWO,
        "        return loss, grads\n",
        "        for k in grads:\n            self.params[k] -= 1e-2 * grads[k]\n"
        "        return loss, grads\n",
        "side-effects",
    ),
)

OF_OTHER_LAYERS = (
    edited(
        "wrong padding",
        IMAGES,
        "below = d_padded[:, PAD:-PAD, PAD:-PAD]",
        "below = d_padded[:, : -2 * PAD, : -2 * PAD]",
        GRADIENT,
    ),
    edited(
        "padding by the edge, gradient as of zeros",
        IMAGES,
        "(PAD, PAD), (0, 0)))",
        '(PAD, PAD), (0, 0)), mode="edge")',
        GRADIENT,
    ),
    edited(
        "pooling gradient to all positions",
        IMAGES,
        "largest = windows == out[:, :, None, :, None]",
        "largest = np.ones(windows.shape)",
        GRADIENT,
    ),
    edited(
        "bias gradient of a convolution over the examples alone",
        IMAGES,
        "below, d_w, d.sum(axis=(0, 1, 2))",
        "below, d_w, d.sum(axis=0).mean(axis=(0, 1))",
        GRADIENT,
    ),
    edited(
        "kernel flipped in backward",
        IMAGES,
        "+= d @ w[i, j].T",
        "+= d @ w[k - 1 - i, k - 1 - j].T",
        GRADIENT,
    ),
    edited(
        "slope of tanh", "recurrent", "(1 - states[t + 1] ** 2)", "(1 - states[t + 1])", GRADIENT
    ),
    edited(
        "gradient of the last time step alone",
        "recurrent",
        "dh = da @ p",
        "dh = 0 * da @ p",
        GRADIENT,
    ),
    edited("dropout unscaled", DEEP, ">= DROPPED) / (1 - DROPPED)", ">= DROPPED)", "dropout-scale"),
    edited(
        "dropout scaled by the share that is silenced",
        DEEP,
        "/ (1 - DROPPED)",
        "/ DROPPED",
        "dropout-scale",
    ),
    edited(
        "dropout active at test time",
        DEEP,
        "if not training or not DROPPED",
        "if not DROPPED",
        "noise-at-test-time",
    ),
    edited(
        "dropout's mask not applied in backward", DEEP, "            d = d * mask\n", "", GRADIENT
    ),
    edited(
        "batch statistics at test time",
        DEEP,
        '        mean, var = running["mean"], running["var"]',
        "        mean, var = x.mean(axis=0), x.var(axis=0)",
        "batch-independence",
    ),
    edited(
        "batch norm without gradient through the variance",
        DEEP,
        "    below -= hat * (d_hat * hat).mean(axis=0)\n",
        "",
        GRADIENT,
    ),
    edited(
        "batch norm without gradient through the mean",
        DEEP,
        "below = d_hat - d_hat.mean(axis=0)",
        "below = d_hat.copy()",
        GRADIENT,
    ),
    edited(
        "running averages that never move",
        DEEP,
        "running = self.running[i - 1]",
        "running = dict(self.running[i - 1])",
        "running-averages",
    ),
    edited(
        "ten layers of sigmoid",
        DEEP,
        'HIDDEN, NONLINEARITY = (50, 30), "relu"\nNORMALIZED = True\nDROPPED = 0.2',
        'HIDDEN, NONLINEARITY = (40,) * 10, "sigmoid"\nNORMALIZED = False\nDROPPED = 0',
        "vanishing-gradient",
    ),
)

BACKWARD = (*OF_DENSE_LAYERS, *OF_OTHER_LAYERS)
