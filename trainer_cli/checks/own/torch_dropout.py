"""Leaves out the dropout that a `torch.nn.Module` calls as a function, as F.dropout does."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, suppress
from typing import Any

DROPOUTS = (
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
)
ATTENTION = "scaled_dot_product_attention"


def silence(module: Any) -> None:
    """Turn off what recurrent and attention modules drop inside of themselves."""
    nn = sys.modules["torch"].nn
    for each in module.modules():
        if isinstance(each, nn.RNNBase | nn.MultiheadAttention):
            each.dropout = 0.0


def undropped() -> AbstractContextManager[Any]:
    """Return the context in which functions drop nothing; its `seen` tells whether any would."""
    torch: Any = sys.modules["torch"]

    class Undropped(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        seen = False

        def __torch_function__(
            self, function: Any, _: Any, given: Any = (), named: Any = None
        ) -> Any:
            named, name = dict(named or {}), getattr(function, "__name__", "")
            if name in DROPOUTS:
                self.seen = True
                return given[0] if given else named["input"]
            if name == ATTENTION and named.get("dropout_p"):
                self.seen = True
                named["dropout_p"] = 0.0
            return function(*given, **named)

    made: AbstractContextManager[Any] = Undropped()
    return made


def drops(module: Any, x: Any) -> bool:
    """Whether it calls dropout as a function in training: watching for that takes time."""
    torch, seen = sys.modules["torch"], False
    module.train()
    with suppress(Exception), torch.no_grad(), undropped() as watching:
        try:
            module(x)
        finally:
            seen = watching.seen
    module.eval()
    return seen
