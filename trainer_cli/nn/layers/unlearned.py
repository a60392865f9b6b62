"""What all layers share that have nothing to learn."""

from collections.abc import Mapping

import numpy as np

from trainer_cli.nn.initializers import Initializer
from trainer_cli.nn.layers.place import Array, ParameterShape, Shape


class Unlearned:
    """The part of a layer's settings that is the same for all layers without parameters."""

    def parameters(self, input_shape: Shape) -> tuple[ParameterShape, ...]:
        """Return nothing: there is nothing to learn."""
        return ()

    def initialize(
        self, values: Mapping[str, Array], rng: np.random.Generator, follower: Initializer
    ) -> None:
        """Do nothing: there is nothing to initialize."""
