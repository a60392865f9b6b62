"""Every loss on random scores: its value and gradient are PyTorch's.

N examples, M members, C classes.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from tests.parity.agreement import assert_agree
from tests.parity.drawing import NOT_DRAWN, OPTIONS, draw_loss
from tests.parity.installed import torch
from tests.parity.losses import LOSS
from tests.parts import members_of
from trainer_cli.nn.losses import Loss

M, CAPACITY = 3, 12
DRAWS = range(10)


def test_every_loss_and_setting_takes_part() -> None:
    assert set(LOSS) == set(members_of(Loss))
    assert len(LOSS) >= 3
    for part in LOSS:
        assert {field.name for field in fields(part)} - NOT_DRAWN == set(OPTIONS[part])


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("part", LOSS, ids=lambda part: part.__name__)
def test_values_and_gradients_are_those_of_pytorch(part, draw, scale, shared) -> None:
    """The labels of a batch are the same for all members, or each has its own."""
    rng = np.random.default_rng(draw)
    classes = int(rng.integers(2, 11))
    settings = [draw_loss(rng, part, classes) for _ in range(M)]
    loss = part.bind(settings, CAPACITY, classes, np.dtype(np.float64))
    for n in (CAPACITY, 1, 5):
        scores = scale * rng.standard_normal((n, M, classes))
        labels = rng.integers(classes, size=(n, 1 if shared else M))
        values = loss.forward(scores.copy(), labels).mean(axis=0)  # (M,)
        gradient = loss.backward(scores.copy())
        for m in range(M):
            own = torch.tensor(scores[:, m], requires_grad=True)
            own_labels = torch.tensor(labels[:, 0 if shared else m])
            value = LOSS[part](settings[m], own, own_labels)
            value.backward()
            assert_agree(
                {"value": values[m], "gradient": gradient[:, m]},
                {"value": value.detach().numpy(), "gradient": own.grad.numpy()},
                relative=1e-12,
            )
