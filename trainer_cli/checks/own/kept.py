"""Takes over the parameters of a network in NumPy, and sees whether a call leaves them usable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from trainer_cli.checks.own.raised import refuse
from trainer_cli.nn.layers.place import Array, Shape

KEEP = "leave params as they are in loss: updates are the optimizer's"


def taken(params: dict[str, Any], build: Callable[..., Any]) -> dict[str, Shape]:
    """Put the parameters into float64, and return their shapes by name."""
    made: dict[int, Array] = {}  # what two names share, they go on to share
    given = dict(params)
    for name, value in given.items():
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
        if array.dtype.kind not in "fiu":
            message = f"params[{name!r}] holds {array.dtype}, not numbers"
            raise refuse(message, "params is a dict of arrays of floats", build)
        if not array.size:
            message = f"params[{name!r}] has no elements: its shape is {array.shape}"
            raise refuse(message, "look at the sizes of the layers", build)
        usable = type(value) is np.ndarray and array.dtype == np.float64 and array.flags.writeable
        if not usable:
            params[name] = made.setdefault(id(value), np.array(array, np.float64))
    shapes = {name: np.shape(value) for name, value in given.items()}
    wrong = changed(params, shapes)
    if wrong is not None:
        message = "params cannot be changed: what is put into it is not there afterwards"
        raise refuse(message, "params is a dict that the network keeps, not one made anew", build)
    return shapes


def changed(params: Any, shapes: Mapping[str, Shape]) -> tuple[str, str] | None:
    """Return how a call has changed what params are, and a hint; None where it has not."""
    if not isinstance(params, dict):
        return f"replaces params by a {type(params).__name__}", KEEP
    for name, shape in shapes.items():
        if name not in params:
            return f"removes {name} from params", KEEP
        value = params[name]
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            what = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
            return f"replaces {name} in params, an array of float64, by {what}", KEEP
        if value.shape != shape:
            return f"changes the shape of {name} in params from {shape} to {value.shape}", KEEP
        if not value.flags.writeable:
            return f"makes {name} in params read-only", KEEP
    return None
