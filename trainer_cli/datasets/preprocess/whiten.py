"""Uncorrelated features of one scale.

F features, K dimensions kept.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, doc

from trainer_cli.datasets.preprocess.principal import principal_directions
from trainer_cli.datasets.preprocess.stages import Projection
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class Whiten:
    """y = (x − m) U_K / √(v_K + epsilon): `pca`, each direction divided by its spread.

    v_K (K,) are the eigenvalues, the variances along the directions. `epsilon` keeps directions
    in which nothing but noise varies from being blown up. Without `dimensions` all min(F, N − 1)
    directions are kept that N training examples can span.
    Source: CS231n, "Neural Networks Part 2", section PCA and Whitening.
    """

    type: Literal["whiten"] = "whiten"
    dimensions: Annotated[
        Annotated[int, Ge(1)] | None, doc("number of directions kept, all unless given")
    ] = None
    epsilon: Annotated[float, Gt(0), Le(1e6), doc("number added to every variance")] = 1e-5

    def fit(self, data: TrainingRows) -> Projection:
        """Return the scaled projection; raises DataError as `pca` does."""
        mean, variances, directions = principal_directions(data, self.dimensions, self.type)
        return Projection(mean, directions / np.sqrt(variances + self.epsilon))
