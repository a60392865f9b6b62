"""Fits initial weights to training data, for the initializers that ask for it.

N examples, M = 1 member, F units of a layer, C scores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trainer_cli.nn.initializers import DataDependent, Fitted, Initializer
from trainer_cli.nn.layers import Dropout, Layer
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.network import Network

# The gradient of random scores is drawn this often, and its squares averaged.
DRAWS = 5


def looks_at_data(layers: Sequence[Layer]) -> bool:
    """Return whether some layer's initializer is fitted on training data."""
    return any(isinstance(getattr(layer, "init", None), Fitted) for layer in layers)


def calibrate(network: Network, x: Array, rng: np.random.Generator) -> None:
    """Fit an initialized network of one member on the examples `x`, (N, 1, F) or (N, H, W, 1, C).

    The network takes all of them as one batch, and its numbers are float64. Layers do what they do
    in training, except that dropout is off. Layers with another initializer stay as they are.
    """
    layers = [_Layer(network, i) for i in range(len(network.layers))]
    with np.errstate(all="ignore"):  # what is not finite is left alone, not warned about
        runs = list(_fit(layers, x))
        if any(len(run) > 1 for run in runs):
            gradients = _squared_gradients(network, layers, x, rng)
            for run in runs:
                _balance(run, gradients)


@dataclass(frozen=True)
class _Layer:
    """One layer of the network, at its index."""

    network: Network
    index: int

    @property
    def settings(self) -> Layer:
        """The settings of the layer."""
        return self.network.stack[0][self.index]

    @property
    def init(self) -> Initializer | None:
        """The initializer that the layer is given, if it has weights."""
        return self.settings.init if isinstance(self.settings, Weighted) else None

    @property
    def has_weights(self) -> bool:
        """Whether the layer has weights, which are what an initializer is for."""
        return isinstance(self.settings, Weighted)

    def values(self, name: str) -> Array:
        """Return a view of the layer's "weights" or "biases", without the member axis."""
        return self.network.parameters[f"network[{self.index}].{name}"][..., 0, :]

    def ratio(self, squared_gradients: Array) -> float:
        """Return the size of the weights' gradient by that of the weights."""
        name = f"network[{self.index}].weights"
        entry = next(e for e in self.network.parameters.entries if e.name == name)
        gradient = squared_gradients[entry.region].mean()
        return float(np.sqrt(gradient / np.square(self.values("weights")).mean()))

    def forward(self, x: Array) -> Array:
        """Return the layer's outputs in an array of their own; `x` stays."""
        noisy = isinstance(self.settings, Dropout)
        return self.network.layers[self.index].forward(x.copy(), not noisy).copy()

    def is_homogeneous(self, x: Array, y: Array) -> bool:
        """Whether twice the input gives twice the output `y`: exactly, since 2 rounds nothing."""
        return bool(np.array_equal(self.forward(2 * x), 2 * y))


def _fit(layers: Sequence[_Layer], x: Array) -> Iterator[list[_Layer]]:
    """Fit layer after layer; yield the runs of layers that are to be balanced."""
    run: list[_Layer] = []
    for layer in layers:
        y = layer.forward(x)
        if isinstance(layer.init, Fitted):
            outputs = y.reshape(-1, y.shape[-1])  # (N·H·W, F)
            layer.init.fit(layer.values("weights"), layer.values("biases"), outputs)
            y = layer.forward(x)
        balanced = isinstance(layer.init, DataDependent) and layer.init.balance
        if run and not balanced and (layer.has_weights or not layer.is_homogeneous(x, y)):
            yield run
            run = []
        if balanced:
            run.append(layer)
        x = y
    yield run


def _squared_gradients(
    network: Network, layers: Sequence[_Layer], x: Array, rng: np.random.Generator
) -> Array:
    """Return the mean square of every parameter's gradient where that of the scores is random."""
    total = np.zeros_like(network.parameters.gradients)
    for _ in range(DRAWS):
        scores = x  # (N, 1, C) behind the last layer
        for layer in layers:
            scores = layer.forward(scores)
        network.backward(rng.standard_normal(scores.shape))
        total += np.square(network.parameters.gradients)
    return total / DRAWS


def _balance(run: Sequence[_Layer], squared_gradients: Array) -> None:
    """Scale the layers of a run so that the ratio of gradient to weights is the same in all.

    A layer's weights times s divide its ratio by s². The factors multiply to 1, and the biases of a
    layer follow the signal that it gets, so that the run's outputs are what they were.
    """
    ratios = np.array([layer.ratio(squared_gradients) for layer in run])
    factors = np.sqrt(ratios / np.exp(np.log(ratios).mean()))
    if not np.all(np.isfinite(factors) & (factors > 0)):
        return
    for layer, factor, so_far in zip(run, factors, np.cumprod(factors), strict=True):
        layer.values("weights")[...] *= factor
        layer.values("biases")[...] *= so_far
