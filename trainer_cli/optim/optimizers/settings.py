"""The settings that every optimizer has, with their types, bounds and meaning."""

from typing import Annotated, Protocol

from annotated_types import Ge, Gt, Lt, doc

LearningRate = Annotated[float, Gt(0), doc("step size α before the schedule")]
WeightDecay = Annotated[
    float, Ge(0), doc("strength λ of the decay w ← w - α·λ·w of the weights in every update")
]
ClipNorm = Annotated[
    Annotated[float, Gt(0)] | None,
    doc("largest norm of a member's whole gradient, which is scaled down to it; none if left out"),
]

Share = Annotated[float, Ge(0), Lt(1)]
# Above the smallest float32, so that 0 / (√0 + ε) is 0 in every precision.
Epsilon = Annotated[float, Ge(1e-30), doc("number ε that keeps the division by √v finite")]


class Restraints(Protocol):
    """What an optimizer's settings say about all rules alike."""

    @property
    def weight_decay(self) -> float:
        """Strength λ of the decay."""
        ...

    @property
    def clip_norm(self) -> float | None:
        """Largest norm of the gradient; None for any."""
        ...
