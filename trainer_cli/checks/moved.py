"""The first updates of a stack, all of them from the same parameters: gradients and changes.

K updates, M members, P places in a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.losses import Labels
from trainer_cli.nn.parameters import Entry
from trainer_cli.training.noiseless import without_noise
from trainer_cli.training.stack import Stack

# So many updates show what an optimizer keeps from one to the next, and what becomes of it.
UPDATES = 3
# What is no weight is moved by so much first.
NUDGED = 0.1
# The schedule's share of the rate, such that no other mistake makes the same factor.
SHARE = 0.25
# How fast it goes has nothing to do with what is judged; two members have different rates.
RATES = (0.01, 0.003)
# Values of one parameter that are looked at, spread evenly over it.
MOST = 10_000
# A gradient that is a smaller share of the whole is rounding, as that of biases which batch
# normalization takes away again.
ROUNDING = 1e-7
# A change is known to so many roundings of the value that changes.
ROUNDINGS = 8 * float(np.finfo(np.float64).eps)

Batch = tuple[Array, Labels]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of one parameter of one member: of its values, (P,), in every update.

    `places` are where they lie in it; `decays` says whether a decay of weights falls on it.
    """

    name: str
    places: tuple[NDArray[np.intp], ...]
    decays: bool
    values: Array
    gradients: Sequence[Array]
    changes: Sequence[Array]

    def place(self, at: int) -> str:
        """Return the name of one of the places: network[0].weights[3, 7]."""
        return f"{self.name}[{', '.join(str(axis[at]) for axis in self.places)}]"


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The first updates of one member; `norms` are those of the whole gradient in each of them."""

    norms: Sequence[float]
    parameters: Sequence[Moved]

    def reaching(self, parameter: Moved) -> NDArray[np.bool_]:
        """Return where some gradient is more than rounding, (P,)."""
        sizes = np.abs(parameter.gradients)  # (K, P)
        return np.asarray((sizes > ROUNDING * max(self.norms)).any(axis=0))

    def certain(self, parameter: Moved) -> NDArray[np.bool_]:
        """Return where no gradient is rounding, (P,): it is 0, or more than that."""
        sizes = np.abs(parameter.gradients)  # (K, P)
        rounding = (sizes > 0) & (sizes <= ROUNDING * max(self.norms))
        return np.asarray(~rounding.any(axis=0))


def plain(experiment: Experiment, rate: float) -> Experiment:
    """Return the experiment with another rate, without noise, and without bounds on its weights."""
    quiet = without_noise(experiment)
    return replace(
        quiet,
        network=tuple(_unbounded(layer) for layer in quiet.network),
        regularization=replace(quiet.regularization, max_norm=None),
        optimizer=replace(quiet.optimizer, learning_rate=rate),
    )


def _unbounded(layer: Layer) -> Layer:
    return replace(layer, max_norm=None) if isinstance(layer, Weighted) else layer


def nudge(stack: Stack, rng: np.random.Generator) -> None:
    """Move what is no weight, all members alike: biases begin at 0, where no decay shows."""
    for entry in stack.network.parameters.entries:
        if entry.role != "weight":
            values = entry.view(stack.network.parameters.values)  # (..., M, F)
            values += NUDGED * rng.standard_normal(values[..., :1, :].shape)


def begin(stack: Stack, batches: Sequence[Batch]) -> list[Beginning]:
    """Update a stack by each batch in turn; after every update the parameters are put back."""
    parameters = stack.network.parameters
    start = parameters.values.copy()
    values = _seen(stack, start)
    gradients, changes, norms = [], [], []
    for x, labels in batches:
        stack.gradients(x.copy(), labels)
        gradients.append(_seen(stack, parameters.gradients))
        norms.append(_norms(stack))
        stack.forward(x.copy(), labels)
        stack.step(SHARE)
        changes.append(
            [a - b for a, b in zip(_seen(stack, parameters.values), values, strict=True)]
        )
        np.copyto(parameters.values, start)
    return [
        Beginning(
            norms=[each[m] for each in norms],
            parameters=[
                Moved(
                    name=entry.name,
                    places=_places(entry),
                    decays=entry.role == "weight",
                    values=values[k][m],
                    gradients=[each[k][m] for each in gradients],
                    changes=[each[k][m] for each in changes],
                )
                for k, entry in enumerate(parameters.entries)
            ],
        )
        for m in range(stack.members)
    ]


def _seen(stack: Stack, flat: Array) -> list[Array]:
    """Return what is looked at of every parameter, (M, P) each."""
    found = []
    for entry in stack.network.parameters.entries:
        by_member = np.moveaxis(entry.view(flat), -2, 0)  # (M, ...)
        found.append(np.stack([each[_places(entry)] for each in by_member]))
    return found


def _places(entry: Entry) -> tuple[NDArray[np.intp], ...]:
    """Return places in a parameter of one member, an index for each axis, (P,) each."""
    shape = (*entry.shape[:-2], entry.shape[-1])
    size = int(np.prod(shape))
    flat = np.linspace(0, size - 1, min(size, MOST)).astype(np.intp)
    return np.unravel_index(flat, shape)


def _norms(stack: Stack) -> list[float]:
    """Return the norm of every member's whole gradient."""
    parameters = stack.network.parameters
    squares = np.zeros(stack.members)
    for entry in parameters.entries:
        g = entry.view(parameters.gradients)
        squares += np.einsum("rmf,rmf->m", *(g.reshape(-1, *g.shape[-2:]),) * 2)
    return [float(norm) for norm in np.sqrt(squares)]
