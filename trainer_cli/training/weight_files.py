"""Reads the weights that a run has left on disk, and puts them into a network.

M members, F features of one parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.network import Network
from trainer_cli.training.networks import read_tensors
from trainer_cli.training.runs import RunError

ANEW = "train again, or take another run"


@dataclass(frozen=True, kw_only=True)
class StoredWeights:
    """What a file of weights holds.

    members  the numbers of the members in it, in their order: one that exploded is missing
    arrays   parameters and statistics by name, (..., M, F)
    """

    path: Path
    members: tuple[int, ...]
    arrays: Mapping[str, Array]


def read_weights(path: Path) -> StoredWeights:
    """Return what a file of weights holds; raises RunError, naming it, if it is damaged."""
    try:
        metadata, arrays = read_tensors(path)
    except (SafetensorError, TypeError, ValueError) as error:
        raise _damaged(path, str(error).splitlines()[0]) from None
    for name, array in arrays.items():
        if array.dtype.kind != "f" or array.ndim < 1:
            raise _damaged(path, f"{name} is {array.dtype} of the shape {array.shape}")
        if not np.isfinite(array).all():
            message = f"{path} holds values of {name} that are not finite"
            raise RunError(message, "the run exploded: take other weights, or another run")
    if "members" not in metadata:  # a network alone is stored without its member axis
        added = {name: array[..., None, :] for name, array in arrays.items()}
        return StoredWeights(path=path, members=(0,), arrays=added)
    try:
        members = tuple(int(each) for each in metadata["members"].split(","))
    except ValueError:
        raise _damaged(path, f"its members are {metadata['members']!r}") from None
    return StoredWeights(path=path, members=members, arrays=arrays)


def load_weights(network: Network, weights: StoredWeights, config: Path) -> None:
    """Copy weights into a network that `config` describes; RunError if they do not fit it."""
    wanted = {entry.name: entry.shape for entry in network.parameters.everything}
    found = {name: array.shape for name, array in weights.arrays.items()}
    for name in [*wanted, *found]:
        if wanted.get(name) != found.get(name):
            message = (
                f"{weights.path} does not fit {config}: {name} is "
                f"{_without_members(found.get(name))} there and "
                f"{_without_members(wanted.get(name))} in the experiment"
            )
            raise RunError(message, f"put {config.name} back as it was, or train again")
    network.load(weights.arrays)


def _without_members(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else str((*shape[:-2], *shape[-1:]))


def _damaged(path: Path, cause: str) -> RunError:
    return RunError(f"{path} is damaged: {cause}", ANEW)
