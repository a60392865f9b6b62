"""Optimizers that do one thing otherwise than they say: faults in what moves the parameters.

M members, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from trainer_cli.checks.selftest.case import Plant
from trainer_cli.checks.selftest.planted import remade
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters, Part, PerMember
from trainer_cli.optim.optimizers.rule import UpdateRule


class FaultyRule:
    """An update rule at work, of which every update is made by the fault.

    `sound` is the true rule; `settings` are those of the members; `memory` is the fault's own.
    """

    linear = False  # the fault sees the gradient itself, and the rate
    clips = True  # and all of it at once

    def __init__(
        self, sound: UpdateRule, settings: Sequence[Any], parameters: Parameters, fault: Fault
    ) -> None:
        self.sound, self.settings, self.parameters = sound, settings, parameters
        self.memory: dict[str, Array] = {}
        self._fault = fault

    @property
    def state(self) -> dict[str, Array]:
        """The true rule's flat arrays, by name."""
        return self.sound.state

    @property
    def updates(self) -> int:
        """The number of updates so far."""
        return self.sound.updates

    @updates.setter
    def updates(self, number: int) -> None:
        """Go on as if there had been so many."""
        self.sound.updates = number

    def update(self, rate: PerMember, parts: Iterable[Part] | None = None) -> None:
        """Move the parameters one step; the gradients are used up."""
        self._fault(self, rate)


Fault = Callable[[FaultyRule, PerMember], None]


def with_fault(fault: Fault) -> Plant:
    """Return the plant that gives an experiment's own optimizer a fault."""

    def plant(experiment: Experiment, dataset: Dataset) -> tuple[Experiment, Dataset]:
        kind: Any = type(experiment.optimizer)

        def bind(stack: Sequence[Any], parameters: Parameters) -> FaultyRule:
            return FaultyRule(kind.bind(stack, parameters), stack, parameters, fault)

        return replace(experiment, optimizer=remade(experiment.optimizer, bind=bind)), dataset

    return plant


def ascent(rule: FaultyRule, rate: PerMember) -> None:
    """Go up the gradient."""
    rule.parameters.gradients *= -1
    rule.sound.update(rate)


def first_layer_left_out(rule: FaultyRule, rate: PerMember) -> None:
    """Leave the first layer as it is."""
    _update_but_layer(rule, rate, min(entry.layer for entry in rule.parameters.entries))


def last_layer_left_out(rule: FaultyRule, rate: PerMember) -> None:
    """Leave the last layer as it is."""
    _update_but_layer(rule, rate, max(entry.layer for entry in rule.parameters.entries))


def biases_left_out(rule: FaultyRule, rate: PerMember) -> None:
    """Leave all but weights as they are."""
    entries = rule.parameters.entries
    _update_but(rule, rate, [entry.name for entry in entries if entry.role != "weight"])


def _update_but_layer(rule: FaultyRule, rate: PerMember, layer: int) -> None:
    _update_but(rule, rate, [e.name for e in rule.parameters.entries if e.layer == layer])


def _update_but(rule: FaultyRule, rate: PerMember, names: Sequence[str]) -> None:
    before = {name: rule.parameters[name].copy() for name in names}
    rule.sound.update(rate)
    for name, values in before.items():
        rule.parameters[name][...] = values


def shared_state(rule: FaultyRule, rate: PerMember) -> None:
    """Let all members go on with what the first one has gathered."""
    rule.sound.update(rate)
    for flat in rule.state.values():
        for entry in rule.parameters.entries:
            view = entry.view(flat)  # (..., M, F)
            view[...] = view[..., :1, :].copy()


def rate_of_the_first(rule: FaultyRule, rate: PerMember) -> None:
    """Let all members go at the first one's rate."""
    rule.sound.update(float(np.atleast_1d(rate)[0]))


def forgotten(rule: FaultyRule, rate: PerMember) -> None:
    """Begin anew with every update."""
    rule.sound.update(rate)
    rule.updates = 0
    for flat in rule.state.values():
        flat[:] = 0


def growing(rule: FaultyRule, rate: PerMember) -> None:
    """Keep a little more of the state than there is."""
    rule.sound.update(rate)
    for flat in rule.state.values():
        flat *= 1.2


def uncorrected(rule: FaultyRule, rate: PerMember) -> None:
    """Take Adam's moments as they are, though they begin at zero."""
    first, number = rule.settings[0], rule.updates + 1
    rule.sound.update(rate * (1 - first.beta1**number) / (1 - first.beta2**number) ** 0.5)


def decay_of_biases(rule: FaultyRule, rate: PerMember) -> None:
    """Let what is no weight decay too."""
    share = 1 - np.reshape(rate, (-1, 1)) * rule.settings[0].weight_decay  # (M, 1)
    for entry in rule.parameters.entries:
        if entry.role != "weight":
            values = rule.parameters[entry.name]  # (..., M, F)
            values *= share
    rule.sound.update(rate)


def decay_by_the_gradient(rule: FaultyRule, rate: PerMember) -> None:
    """Add the decay to the gradient, and so to Adam's moments, in place of to the weights."""
    decay, part = rule.settings[0].weight_decay, rule.parameters.whole
    part.gradients[: part.weights.size] += decay * part.weights
    part.multiply(part.weights, 1 / (1 - rate * decay))
    rule.sound.update(rate)


def twice(rule: FaultyRule, rate: PerMember) -> None:
    """Add every change twice."""
    before = rule.parameters.values.copy()
    rule.sound.update(rate)
    rule.parameters.values[:] += rule.parameters.values - before


def schedule_ignored(rule: FaultyRule, rate: PerMember) -> None:
    """Go at the rate itself, whatever is left of it."""
    rule.sound.update(_rates(rule))


def schedule_twice(rule: FaultyRule, rate: PerMember) -> None:
    """Multiply the schedule's share in twice."""
    rule.sound.update(rate * (rate / _rates(rule)))


def _rates(rule: FaultyRule) -> Any:
    rates = np.array([each.learning_rate for each in rule.settings])
    return float(rates[0]) if len(rates) == 1 else rates


def clipped_to_zero(rule: FaultyRule, rate: PerMember) -> None:
    """Let nothing of the gradient through."""
    rule.parameters.gradients *= 0
    rule.sound.update(rate)


def clipped_by_value(rule: FaultyRule, rate: PerMember) -> None:
    """Take the bound of the norm for one of every single value."""
    gradients = rule.parameters.gradients
    bound = rule.settings[0].clip_norm / (gradients.size / rule.parameters.members) ** 0.5
    np.clip(gradients, -bound, bound, out=gradients)
    rule.sound.update(rate)


def not_a_number(rule: FaultyRule, rate: PerMember) -> None:
    """Divide by the root alone, which is 0 where the gradient is."""
    empty = rule.parameters.gradients == 0
    rule.sound.update(rate)
    rule.parameters.values[empty] = np.nan


def accumulated(rule: FaultyRule, rate: PerMember) -> None:
    """Add every gradient to those before."""
    gradients = rule.parameters.gradients
    total = rule.memory.setdefault("total", np.zeros_like(gradients))
    total += gradients
    gradients[:] = total
    rule.sound.update(rate)


def absolute(rule: FaultyRule, rate: PerMember) -> None:
    """Lose the sign of every gradient."""
    np.abs(rule.parameters.gradients, out=rule.parameters.gradients)
    rule.sound.update(rate)
