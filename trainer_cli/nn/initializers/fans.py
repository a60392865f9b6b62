"""What a layer tells its initializer: its connections, and what becomes of its outputs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fans:
    """The connections of one layer.

    fan_in     inputs of one unit: I of a dense layer, K·K·C of a convolution
    fan_out    units that one input reaches: O of a dense layer, K·K·F of a convolution
    rectified  whether a nonlinearity of the ReLU family follows, which silences half of the units
    """

    fan_in: int
    fan_out: int
    rectified: bool = False
