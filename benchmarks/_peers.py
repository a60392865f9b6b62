"""How PyTorch and scikit-learn train the networks that are measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from _measure import Turn
from _networks import CLASSES, MOMENTUM, Measured, timed
from sklearn.neural_network import MLPClassifier
from torch import nn

from trainer_cli.nn.layers import BatchNorm, Conv, Dense, MaxPool, Relu


def twin(network: Measured) -> nn.Sequential:
    """Return the same network in PyTorch."""
    torch.manual_seed(0)
    modules: list[nn.Module] = []
    shape = network.shape
    for layer in network.layers:
        match layer:
            case Dense():
                if len(shape) > 1 and network.has_images:
                    modules.append(nn.Flatten())
                modules.append(nn.Linear(int(np.prod(shape)), layer.units))
            case Conv():
                modules.append(nn.Conv2d(shape[-1], layer.filters, layer.kernel, padding="same"))
            case BatchNorm():
                modules.append(nn.BatchNorm1d(shape[-1]))
            case MaxPool():
                modules.append(nn.MaxPool2d(layer.size))
            case Relu():
                modules.append(nn.ReLU())
            case _:
                raise NotImplementedError(layer.type)
        shape = layer.output_shape(shape)
    return nn.Sequential(*modules)


def pytorch(
    network: Measured, data: Any, labels: Any, batches: int, *, channels_last: bool = False
) -> Turn:
    """Return a turn of the usual eager loop over float32 examples in memory."""
    model = twin(network)
    rows = torch.from_numpy(data)
    if network.has_images:
        rows = rows.reshape(-1, *network.shape).permute(0, 3, 1, 2).contiguous()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        rows = rows.contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.SGD(model.parameters(), lr=network.rate, momentum=MOMENTUM)

    def steps(count: int) -> None:
        done = 0
        while done < count:
            order = torch.randperm(len(rows))
            for start in range(0, len(rows) - network.batch + 1, network.batch):
                index = order[start : start + network.batch]
                loss = nn.functional.cross_entropy(model(rows[index]), targets[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                loss.item()  # the cost is looked at, as nntrain does
                done += 1
                if done == count:
                    break

    return timed(steps, batches)


def sklearn(network: Measured, data: Any, labels: Any, batches: int) -> Turn | None:
    """Return a turn of scikit-learn's network; None unless it has such layers."""
    if not all(isinstance(layer, Dense | Relu) for layer in network.layers):
        return None
    hidden = tuple(layer.units for layer in network.layers if isinstance(layer, Dense))[:-1]
    model = MLPClassifier(
        hidden,
        solver="sgd",
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        learning_rate_init=network.rate,
        alpha=0.0,
        batch_size=network.batch,
        random_state=0,
    )
    most = len(data) // network.batch

    def steps(count: int) -> None:
        while count > 0:
            part = min(count, most)
            end = part * network.batch
            model.partial_fit(data[:end], labels[:end], classes=np.arange(CLASSES))
            count -= part

    return timed(steps, batches)
