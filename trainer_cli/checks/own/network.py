"""What every network of one's own is asked, however it is written.

N examples, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer_cli.checks.own.passage import Op
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels, Loss

Inputs = NDArray[Any]
Parameters = Mapping[str, Array]


class OwnNetwork(Protocol):
    """A network that somebody else wrote, in float64.

    Randomness of its own, such as dropout's, begins anew with every call, from `noise`.
    `fixed` names parameters that do not learn, by intention; `module` is the torch.nn.Module.
    """

    noise: int
    fixed: Sequence[str]
    module: Any

    @property
    def parameters(self) -> Parameters:
        """The arrays it learns, by name: to be changed in place."""
        ...

    @property
    def strength(self) -> float | None:
        """How strong its penalty is, `reg`; None where that cannot be set."""
        ...

    def set_strength(self, strength: float) -> None:
        """Set `reg`."""
        ...

    @property
    def loss_is_own(self) -> bool:
        """Whether the loss is the network's own, and not that of the experiment."""
        ...

    def scores(self, x: Inputs) -> Array:
        """Return the scores as at test time, (N, C) where all is well."""
        ...

    def learned_scores(self, x: Inputs) -> Array:
        """Return the scores by which it is judged what has been learned."""
        ...

    def cost(self, x: Inputs, y: Labels) -> float:
        """Return what is minimized, penalty included, as in training."""
        ...

    def gradients(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Array | None]]:
        """Return the cost and its gradients by the names of the parameters; None for none."""
        ...

    def learned_by(self, x: Inputs) -> list[Any]:
        """Return the tensors that the scores' gradient comes to, registered or not."""
        ...

    def slopes(self, x: Inputs) -> Array | None:
        """Return a slope of the scores by each input (N, ...); None where that cannot be seen."""
        ...

    def passage(self, x: Inputs, y: Labels) -> Sequence[Op] | None:
        """Return the operations between inputs and scores, as in training; None if not to be seen.

        Raises UntraceableError where they cannot be followed.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The loss that the experiment file names, computed by nntrain."""

    loss: Loss
    classes: int

    def of(self, scores: Array, y: Labels) -> float:
        """Return the mean loss of scores (N, C)."""
        work = self.loss.bind([self.loss], len(y), self.classes, np.dtype(np.float64))  # type: ignore[list-item]
        losses = work.forward(scores[:, None, :].astype(np.float64), y[:, None])
        return float(losses.sum() / work.weight(y[:, None]))

    def slope(self, scores: Array, y: Labels) -> tuple[float, Array]:
        """Return the mean loss and its gradient by the scores, (N, C)."""
        work = self.loss.bind([self.loss], len(y), self.classes, np.dtype(np.float64))  # type: ignore[list-item]
        own = scores[:, None, :].astype(np.float64)  # (N, 1, C)
        losses = work.forward(own, y[:, None])
        loss = float(losses.sum() / work.weight(y[:, None]))
        return loss, work.backward(own)[:, 0]
