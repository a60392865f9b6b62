"""Penalties turned up until they show, with what they must then add to loss and gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.parameters import Entry, Parameters
from trainer_cli.nn.regularization import Penalty, Regularization

# The lecture cranks the strength up to 1e3 and sees the loss rise from 2.30 to 3.07.
CRANKED_UP = 1e3
# Up to this many arrays of weights that are penalized less than others are listed.
MOST_LISTED = 3
LOSSES = {"l1": "l1·Σ|w|", "l2": "½·l2·Σw²"}
SLOPES = {"l1": "l1·sign(w)", "l2": "l2·w"}

Strengths = Mapping[str, float]


def is_weight(name: str) -> bool:
    """Tell weights by their name, not by the role that the penalty itself goes by."""
    return name.endswith(".weights")


@dataclass(frozen=True, kw_only=True)
class Cranked:
    """The experiment's penalties turned up: the largest strength to 1e3, or its own if larger.

    The others keep their proportion to it, layer by layer. `strengths` holds "l1", "l2" or both,
    each with the strength for every array of weights, by its name.
    """

    regularization: Regularization
    network: tuple[Layer, ...]
    strengths: Mapping[str, Strengths]

    def bind(self, parameters: Parameters) -> Penalty:
        """Return the penalty at work on one member's parameters."""
        return type(self.regularization).bind([self.regularization], [self.network], parameters)

    def loss(self, entry: Entry, values: Array) -> float:
        """Return what the penalty on the values of one parameter must be."""
        w = entry.view(values)
        l1, l2 = self._of("l1", entry), self._of("l2", entry)
        return l1 * float(np.sum(np.abs(w))) + 0.5 * l2 * float(np.sum(np.square(w)))

    def slope(self, entry: Entry, values: Array) -> Array:
        """Return what the gradient of the penalty by one parameter must be."""
        w = entry.view(values)
        return self._of("l1", entry) * np.sign(w) + self._of("l2", entry) * w

    def largest_slope(self, entry: Entry, values: Array) -> float:
        """Return the norm of a gradient by the largest strengths of any layer."""
        w = entry.view(values)
        l1, l2 = (max(self.strengths.get(kind, {}).values(), default=0.0) for kind in LOSSES)
        return float(np.linalg.norm(l1 * np.sign(w) + l2 * w))

    def _of(self, kind: str, entry: Entry) -> float:
        return self.strengths.get(kind, {}).get(entry.name, 0.0)

    @property
    def loss_formula(self) -> str:
        """What the loss must rise by, such as ½·l2·Σw²."""
        return " + ".join(LOSSES[kind] for kind in self.strengths)

    @property
    def slope_formula(self) -> str:
        """What the gradient of a weight must rise by, such as l2·w."""
        return " + ".join(SLOPES[kind] for kind in self.strengths)

    @property
    def text(self) -> str:
        """The strengths in words, such as l2 = 1000 (0 in network[2])."""
        return " and ".join(_in_words(kind, by_name) for kind, by_name in self.strengths.items())

    @property
    def evidence(self) -> dict[str, Any]:
        """The largest strengths, and all of them where layers differ."""
        largest = {kind: max(by_name.values()) for kind, by_name in self.strengths.items()}
        uneven = any(len(set(by_name.values())) > 1 for by_name in self.strengths.values())
        return {**largest, "strengths": self.strengths} if uneven else largest


def off(experiment: Experiment) -> Cranked:
    """Return the experiment without any penalty."""
    return _turned(experiment, {}, {})


def cranked(experiment: Experiment, entries: Sequence[Entry]) -> list[Cranked]:
    """Return the experiment's penalties turned up: each alone, then all together.

    Alone, because the larger of two could hide what is wrong with the smaller. An experiment
    without penalty gets l2. Empty where every layer is exempt.
    """
    held = {kind: _held(experiment, kind, entries) for kind in LOSSES}
    wanted = [kind for kind in LOSSES if any(held[kind].values())]
    together = [wanted] if len(wanted) > 1 else []
    if wanted:
        return [_crank(experiment, held, kinds) for kinds in [*([k] for k in wanted), *together]]
    section = replace(experiment.regularization, l2=CRANKED_UP)
    experiment = replace(experiment, regularization=section)
    l2 = _held(experiment, "l2", entries)
    return [_crank(experiment, {"l2": l2}, ["l2"])] if any(l2.values()) else []


def _held(experiment: Experiment, kind: str, entries: Sequence[Entry]) -> Strengths:
    """Return the strength that every array of weights has by the experiment file."""
    strengths = {}
    for entry in entries:
        if is_weight(entry.name):
            own = getattr(experiment.network[entry.layer], kind, None)
            section = getattr(experiment.regularization, kind)
            strengths[entry.name] = float(section if own is None else own)
    return strengths


def _crank(experiment: Experiment, held: Mapping[str, Strengths], kinds: Sequence[str]) -> Cranked:
    largest = {kind: max(held[kind].values()) for kind in kinds}
    strengths = {
        kind: {name: _up(each, largest[kind]) for name, each in held[kind].items()}
        for kind in kinds
    }
    return _turned(experiment, largest, strengths)


def _up(strength: float, largest: float) -> float:
    return strength / largest * max(CRANKED_UP, largest)


def _turned(
    experiment: Experiment, largest: Strengths, strengths: Mapping[str, Strengths]
) -> Cranked:
    """Return the settings of section and layers that make these strengths."""

    def turned(kind: str, strength: float) -> float:
        return _up(strength, largest[kind]) if kind in largest else 0.0

    section = experiment.regularization
    return Cranked(
        regularization=replace(section, l1=turned("l1", section.l1), l2=turned("l2", section.l2)),
        network=tuple(
            replace(
                layer,
                l1=None if layer.l1 is None else turned("l1", layer.l1),
                l2=None if layer.l2 is None else turned("l2", layer.l2),
            )
            if isinstance(layer, Weighted)
            else layer
            for layer in experiment.network
        ),
        strengths=strengths,
    )


def _in_words(kind: str, by_name: Strengths) -> str:
    largest = max(by_name.values())
    less = {name: each for name, each in by_name.items() if each < largest}
    text = f"{kind} = {largest:g}"
    if not less:
        return text
    if len(less) > MOST_LISTED:
        return f"{text} (less in {len(less)} layers)"
    listed = (f"{each:g} in {name.removesuffix('.weights')}" for name, each in less.items())
    return f"{text} ({', '.join(listed)})"
