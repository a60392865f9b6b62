"""Fewer features: the directions in which the training examples differ most.

F features, K dimensions kept.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, doc

from trainer_cli.datasets.preprocess.principal import principal_directions
from trainer_cli.datasets.preprocess.stages import Projection
from trainer_cli.datasets.preprocess.training_rows import TrainingRows


@dataclass(frozen=True, kw_only=True)
class Pca:
    """y = (x − m) U_K: the first K eigenvectors of the training split's covariance.

    m (F,) is the mean, U_K (F, K) orthonormal, largest eigenvalue first; y is (K,), uncorrelated
    over the training split. The largest entry of every direction is positive, so that the result
    does not depend on the sign an eigenvector happens to have.
    Source: CS231n, "Neural Networks Part 2", section PCA and Whitening.
    """

    type: Literal["pca"] = "pca"
    dimensions: Annotated[int, Ge(1), doc("number of directions kept")]

    def fit(self, data: TrainingRows) -> Projection:
        """Return the projection; raises DataError for more directions than the data span."""
        mean, _, directions = principal_directions(data, self.dimensions, self.type)
        return Projection(mean, directions)
