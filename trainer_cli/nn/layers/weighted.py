"""What layers with weights have in common, and how they depart from the others' regularization."""

from typing import Annotated, Protocol, runtime_checkable

from annotated_types import Ge, doc

from trainer_cli.nn.initializers import Initializer

OwnL1 = Annotated[
    Annotated[float, Ge(0)] | None,
    doc("strength λ₁ for the weights of this layer, that under regularization unless given"),
]
OwnL2 = Annotated[
    Annotated[float, Ge(0)] | None,
    doc("strength λ₂ for the weights of this layer, that under regularization unless given"),
]
OwnMaxNorm = Annotated[
    Annotated[float, Ge(0)] | None,
    doc("bound c for the units of this layer, 0 for none, that under regularization unless given"),
]


@runtime_checkable
class Weighted(Protocol):
    """A layer with weights; what it leaves at None is as under `regularization:`."""

    @property
    def init(self) -> Initializer | None:
        """Rule by which the weights start; None means one that fits what follows."""
        ...

    @property
    def l1(self) -> float | None:
        """Strength λ₁ for the weights of this layer."""
        ...

    @property
    def l2(self) -> float | None:
        """Strength λ₂ for the weights of this layer."""
        ...

    @property
    def max_norm(self) -> float | None:
        """Bound c for the units of this layer; 0 means none."""
        ...
