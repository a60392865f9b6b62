"""Principal directions without an array of the size of the data set.

N training examples, F features, B rows of a chunk, K directions.
"""

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.preprocess.training_rows import TrainingRows

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

# The covariance and its eigenvectors take 3 · 8 · F² bytes, 0.9 GB here, and a time that grows
# with F³: 10 to 12 s for 49,000 examples of 3,072 features on two idle cores, 22 to 36 s beside one
# busy process.
MOST_FEATURES = 6000
# Rows per product: enough that its own cost hides the pass over (F, F) that adds it up.
CHUNK_ROWS = 1024


def principal_directions(
    data: TrainingRows, dimensions: int | None, step: str
) -> tuple[Vector, Vector, Matrix]:
    """Return mean (F,), the K largest variances (K,) and their directions (F, K).

    The variances (divisor N) are eigenvalues of the covariance, largest first. N examples span at
    most N − 1 directions; None keeps all of those. Raises DataError for more dimensions than that
    or than features, and for more features than a covariance is made for.
    """
    most = min(data.features, len(data) - 1)
    if dimensions is not None and dimensions > most:
        raise DataError(
            f"{step} cannot keep {dimensions:,} dimensions: {len(data):,} training examples "
            f"of {data.features:,} features span at most {most:,}",
            key=("dimensions",),
        )
    if data.features > MOST_FEATURES:
        raise DataError(
            f"{step} needs a covariance matrix of {data.features:,} x {data.features:,} numbers; "
            f"at most {MOST_FEATURES:,} features are supported"
        )
    mean = data.mean()
    variances, directions = np.linalg.eigh(_covariance(data, mean))  # smallest first
    kept = most if dimensions is None else dimensions
    chosen = slice(
        data.features - 1, data.features - 1 - kept if kept < data.features else None, -1
    )
    leading = np.ascontiguousarray(directions[:, chosen])  # (F, K)
    largest = np.abs(leading).argmax(axis=0)
    leading *= np.where(leading[largest, np.arange(kept)] < 0, -1.0, 1.0)
    return mean, np.maximum(variances[chosen], 0.0), leading


def _covariance(data: TrainingRows, mean: Vector) -> Matrix:
    """Return (F, F), summed over chunks; the transposed product takes BLAS half the work."""
    total = np.zeros((data.features, data.features))
    product = np.empty_like(total)
    for chunk in data.chunks(CHUNK_ROWS * data.features):
        chunk -= mean
        np.matmul(chunk.T, chunk, out=product)
        total += product
    total /= len(data)
    return total
