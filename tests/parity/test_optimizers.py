"""Every optimizer: ten steps lead where PyTorch's lead, and where they differ it is as we say.

M members; each descends into a bowl of its own, with noise that changes from step to step.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.optim.examples import OPTIMIZERS
from tests.parity.agreement import assert_agree
from tests.parity.descent import ADDED_TO_NORM, OPTIMIZER, Descent
from tests.parity.drawing import NOT_DRAWN, OPTIONS, draw
from tests.parity.installed import torch
from tests.parts import members_of
from trainer_cli.nn.layers.place import ParameterShape
from trainer_cli.nn.parameters import Parameters, per_member
from trainer_cli.optim.optimizers import Momentum, Nesterov, Optimizer, Sgd

STEPS = range(10)
DRAWS = 12
SHAPES = {"w": (3, 4), "b": (4,)}
STAYING = [1.0] * len(STEPS)
CHANGING = [0.2, 0.6, 1.0, 1.0, 0.9, 0.5, 0.5, 0.1, 1.0, 0.01]


def test_every_optimizer_and_setting_takes_part() -> None:
    assert set(OPTIMIZER) == set(members_of(Optimizer))
    assert len(OPTIMIZER) >= 7
    for part in OPTIMIZER:
        assert {field.name for field in fields(part)} - NOT_DRAWN == set(OPTIONS[part])


class Bowls:
    """The gradients of ½ Σ c (w - z)² at random curvatures c and random z for each step."""

    def __init__(self, seed, members):
        rng = np.random.default_rng(seed)
        self.start = {
            name: rng.standard_normal((members, *shape)) for name, shape in SHAPES.items()
        }
        self.curvature = {n: rng.uniform(0.1, 2, (members, *s)) for n, s in SHAPES.items()}
        self.targets = {
            n: rng.standard_normal((len(STEPS), members, *s)) for n, s in SHAPES.items()
        }

    def gradient(self, name, m, step, w):
        return self.curvature[name][m] * (w - self.targets[name][step, m])


def ours(settings, bowls, factors):
    """Return the parameters of each member after ten steps, by name."""
    shapes = [(0, ParameterShape(name=n, shape=s, role="other")) for n, s in SHAPES.items()]
    shapes[0] = (0, replace(shapes[0][1], role="weight"))
    parameters = Parameters(shapes, len(settings), np.dtype(np.float64))
    views = {
        name: [
            np.moveaxis(e.view(flat), -2, 0) for flat in (parameters.values, parameters.gradients)
        ]
        for name, e in zip(SHAPES, parameters.entries, strict=True)
    }
    for name, (values, _) in views.items():
        values[...] = bowls.start[name]
    rule = type(settings[0]).bind(settings, parameters)
    for step in STEPS:
        for name, (values, gradients) in views.items():
            for m in range(len(settings)):
                gradients[m] = bowls.gradient(name, m, step, values[m])
        rule.update(per_member([s.learning_rate * factors[step] for s in settings]))
    return {name: values for name, (values, _) in views.items()}


def pytorchs(settings, bowls, factors, m, descent=Descent):
    """Return the parameters of one member after ten steps, by name."""
    tensors = {name: torch.tensor(start[m]) for name, start in bowls.start.items()}
    optimizer = descent(settings, [tensors["w"]], [tensors["b"]])
    for step in STEPS:
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(bowls.gradient(name, m, step, tensor.numpy()))
        optimizer.step(settings.learning_rate * factors[step])
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def compare(settings, factors, seed=0, descent=Descent, relative=1e-12):
    bowls = Bowls(seed, len(settings))
    found = ours(settings, bowls, factors)
    for m, own in enumerate(settings):
        assert_agree(
            {name: values[m] for name, values in found.items()},
            pytorchs(own, bowls, factors, m, descent),
            relative,
        )


FACTORS = pytest.mark.parametrize("factors", [STAYING, CHANGING], ids=["staying", "changing"])
EVERY = pytest.mark.parametrize("part", OPTIMIZER, ids=lambda part: part.__name__)


@FACTORS
@EVERY
def test_examples_lead_where_pytorch_leads(part, factors) -> None:
    for each in OPTIMIZERS[part]:
        compare([each], factors)
    compare(OPTIMIZERS[part], factors)


@FACTORS
@EVERY
def test_so_do_the_settings_where_nothing_is_said(part, factors) -> None:
    compare([part()], factors)


@FACTORS
@pytest.mark.parametrize("seed", range(DRAWS))
@EVERY
def test_so_do_drawn_settings_alone_and_side_by_side(part, seed, factors) -> None:
    rng = np.random.default_rng(seed)
    settings = [draw(rng, part) for _ in range(3)]
    compare(settings[:1], factors, seed)
    compare(settings, factors, seed)


class PlainSgd:
    """PyTorch's SGD as it is, with the rate outside its velocity."""

    def __init__(self, settings, weights, others):
        self.optimizer = torch.optim.SGD(
            [*weights, *others],
            momentum=settings.momentum,
            nesterov=isinstance(settings, Nesterov),
        )

    def step(self, rate):
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()


@pytest.mark.parametrize("part", [Momentum, Nesterov])
def test_a_velocity_is_pytorchs_as_long_as_the_rate_stays(part) -> None:
    settings = part(learning_rate=0.05, momentum=0.9)
    compare([settings], STAYING, descent=PlainSgd)


@pytest.mark.parametrize("part", [Momentum, Nesterov])
def test_when_the_rate_changes_a_velocity_keeps_what_it_gathered(part) -> None:
    """After a single gradient, PyTorch goes on at half the speed when the rate is halved."""
    settings, bowls = part(learning_rate=0.05, momentum=0.5), Bowls(0, 1)
    bowls.gradient = first_gradient_only(bowls.gradient)
    stopping, halving = [1.0] + 9 * [0.0], [1.0] + 9 * [0.5]
    stopped, slowed = (
        pytorchs(settings, bowls, factors, 0, PlainSgd) for factors in (stopping, halving)
    )
    steady, halved = (ours([settings], bowls, factors) for factors in (STAYING, halving))
    for name in SHAPES:
        np.testing.assert_array_equal(halved[name], steady[name])
        went_on = steady[name][0] - stopped[name]
        assert np.abs(went_on).min() > 1e-4
        np.testing.assert_allclose(slowed[name] - stopped[name], 0.5 * went_on, rtol=1e-9)


def first_gradient_only(gradient):
    return lambda name, m, step, w: gradient(name, m, step, w) if step == 0 else np.zeros(w.shape)


def test_clipping_is_pytorchs_but_for_what_is_added_to_the_norm() -> None:
    settings, bowls = Sgd(learning_rate=1.0, clip_norm=0.5), Bowls(1, 1)

    class PlainClipping:
        def __init__(self, settings, weights, others):
            self.everything = [*weights, *others]
            self.optimizer = torch.optim.SGD(self.everything, lr=settings.learning_rate)

        def step(self, rate):
            torch.nn.utils.clip_grad_norm_(self.everything, settings.clip_norm)
            self.optimizer.step()

    found, expected = (
        ours([settings], bowls, STAYING),
        pytorchs(settings, bowls, STAYING, 0, PlainClipping),
    )
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][0], values, rtol=10 * len(STEPS) * ADDED_TO_NORM)
        assert np.any(found[name][0] != values)
