"""A member of a stack once more, in PyTorch: the same arrays, no formula of ours.

N examples, M members, F features, C classes.
"""

from __future__ import annotations

from tests.parity.descent import Descent
from tests.parity.installed import torch
from tests.parity.layers import FORWARD
from tests.parity.losses import LOSS
from trainer_cli.nn.streams import stream


class Twin:
    """The layers of member m of a network, with copies of its arrays as they are now."""

    def __init__(self, layers, network, m, dtype=torch.float64):
        self.layers, self.dtype = layers, dtype
        parameters = network.parameters
        self.learned = {
            e.name: torch.tensor(e.view(parameters.values)[..., m, :], dtype=dtype).requires_grad_()
            for e in parameters.entries
        }
        self.statistics = {
            e.name: torch.tensor(e.view(parameters.stored)[..., m, :], dtype=dtype)
            for e in parameters.statistics
        }
        self.own = [{} for _ in self.layers]
        for name, tensor in {**self.learned, **self.statistics}.items():
            layer, _, short = name.partition(".")
            self.own[int(layer.removeprefix("network[").removesuffix("]"))][short] = tensor

    @property
    def weights(self):
        """The arrays that are penalized, bounded and decay, by name."""
        return {name: t for name, t in self.learned.items() if name.endswith(".weights")}

    def restart_noise(self, seed, *path):
        for i, own in enumerate(self.own):
            own["noise"] = stream(seed, *path, i)

    def forward(self, x, training):
        """Return the scores (N, C) for an array or tensor (N, F) or (N, H, W, C)."""
        x = torch.as_tensor(x, dtype=self.dtype)
        for layer, own in zip(self.layers, self.own, strict=True):
            x = FORWARD[type(layer)](layer, own, x, training)
        return x

    def gradients(self):
        """Return the gradients of the last backward, by name."""
        return {name: tensor.grad.numpy() for name, tensor in self.learned.items()}


class TrainedTwin(Twin):
    """A twin with the loss, the penalty and the optimizer of its member's experiment."""

    def __init__(self, stack, m, dtype=torch.float64):
        self.experiment = stack.experiments[m]
        super().__init__(self.experiment.network, stack.network, m, dtype)
        others = [t for name, t in self.learned.items() if name not in self.weights]
        self.descent = Descent(self.experiment.optimizer, self.weights.values(), others)
        self.restart_noise(self.experiment.seed, "noise", 0)

    def in_force(self, weights, key):
        """Return a setting of the regularization for some weights: their layer's goes first."""
        layer = self.layers[int(weights.partition("]")[0].removeprefix("network["))]
        own = getattr(layer, key)
        return getattr(self.experiment.regularization, key) if own is None else own

    def costs(self, x, labels):
        """Return loss and penalty for a batch, with gradients to follow."""
        loss = LOSS[type(self.experiment.loss)]
        cost = loss(self.experiment.loss, self.forward(x, True), torch.as_tensor(labels))
        for name, w in self.weights.items():
            cost = cost + self.in_force(name, "l1") * w.abs().sum()
            cost = cost + self.in_force(name, "l2") / 2 * w.square().sum()
        return cost

    def learn(self, x, labels, rate):
        """Take one step from a batch; return what it cost before."""
        cost = self.costs(x, labels)
        self.descent.optimizer.zero_grad()
        cost.backward()
        self.descent.step(rate)
        self.bound()
        return float(cost.detach())

    @torch.no_grad()
    def bound(self):
        for name, w in self.weights.items():
            bound = self.in_force(name, "max_norm")
            if bound:
                # As torch.renorm with the root of the bound, which divides by norm + 1e-7 though.
                w *= (bound / w.square().sum(dim=tuple(range(w.ndim - 1)))).clamp(max=1).sqrt()
