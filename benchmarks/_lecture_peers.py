"""How PyTorch and scikit-learn train the lecture's network."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import torch
from _lecture import (
    BATCH,
    CLASSES,
    EXAMPLES,
    HIDDEN,
    MOMENTUM,
    PIXELS,
    RATE,
    timed,
)
from _measure import Turn
from sklearn.neural_network import MLPClassifier
from torch import nn

from trainer_cli.datasets import Dataset
from trainer_cli.datasets.preprocess.stages import Affine

SKLEARN_EXAMPLES = EXAMPLES // 5


def pytorch(
    data: Any,
    labels: Any,
    batches: int,
    prepare: Callable[[Any], Any] = lambda rows: rows,
    *,
    fused: bool = False,
    l2: float = 0.0,
) -> Turn:
    """Return a turn of the usual eager loop; `prepare` turns gathered rows into inputs."""
    rows, targets = torch.from_numpy(data), torch.from_numpy(labels)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    optimizer = torch.optim.SGD(
        model.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=l2, fused=fused
    )

    def steps(count: int) -> None:
        order = torch.randperm(len(rows))
        for start in range(0, count * BATCH, BATCH):
            index = order[start : start + BATCH]
            loss = nn.functional.cross_entropy(model(prepare(rows[index])), targets[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # the cost is looked at, as nntrain does

    return timed(steps, batches)


def pytorch_from_bytes(dataset: Dataset, labels: Any, batches: int) -> Turn:
    """Return a turn of the same loop over uint8 rows, converted and centered batch by batch."""
    train, (stage,) = dataset.train, dataset.train.pipeline.stages
    if not isinstance(stage, Affine) or stage.shift is None:
        raise RuntimeError("the mean image alone was to be taken off")
    stored = train.stored[train.rows]
    mean = torch.from_numpy(stage.shift).float()
    return pytorch(stored, labels, batches, lambda rows: rows.float().sub_(mean))


def sklearn(x: Any, labels: Any) -> Turn:
    """Return a turn of one epoch over a fifth of the examples, times five."""
    model = MLPClassifier(
        (HIDDEN,),
        solver="sgd",
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        learning_rate_init=RATE,
        alpha=0.0,
        batch_size=BATCH,
        random_state=0,
    )
    classes = np.arange(CLASSES)
    model.partial_fit(x[: 2 * BATCH], labels[: 2 * BATCH], classes=classes)

    def turn() -> float:
        begun = perf_counter()
        model.partial_fit(x[:SKLEARN_EXAMPLES], labels[:SKLEARN_EXAMPLES])
        return (perf_counter() - begun) * EXAMPLES / SKLEARN_EXAMPLES

    return turn
