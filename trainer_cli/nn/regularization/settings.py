"""The `regularization:` section, and what a layer's own settings make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, doc

from trainer_cli.nn.layers import Layer
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.parameters import Parameters
from trainer_cli.nn.regularization.norm_bounds import NormBounds
from trainer_cli.nn.regularization.penalty import Penalty

# P arrays of weights, M members.
Layers = Sequence[Layer]


@dataclass(frozen=True, kw_only=True)
class Regularization:
    """R = λ₁ Σ |w| + ½ λ₂ Σ w² over all weights, and Σ w² <= c over the weights of each unit.

    Gradient: dR/dw = λ₁ sign(w) + λ₂ w, with sign(0) = 0. Both strengths together make the
    elastic net. A unit is an output of a dense layer, a filter of a convolution or a piece of
    maxout; beyond its bound it is scaled back after an update: w ← w √(c / Σ w²). The weights that
    training starts from are left as they are. Biases, the parameters of batch normalization and
    slopes are free of all this.
    Source: CS231n, "Neural Networks Part 2", section Regularization; Zou & Hastie 2005 (elastic
    net); Srebro & Shraibman 2005 and Srivastava et al. 2014 (max norm).
    """

    l1: Annotated[float, Ge(0), doc("strength λ of the penalty λ·Σ|w|")] = 0.0
    l2: Annotated[float, Ge(0), doc("strength λ of the penalty ½·λ·Σw²")] = 0.0
    max_norm: Annotated[
        Annotated[float, Gt(0)] | None,
        doc("largest Σw² of a unit, restored after every update; none if left out"),
    ] = None

    def of(self, layer: Layer) -> Regularization:
        """Return what holds for a layer: its own settings where it has any, else these."""
        # Not asked whether it is `Weighted`: for many members that takes longer than all the rest.
        own = {key: getattr(layer, key, None) for key in ("l1", "l2", "max_norm")}
        given = {key: value for key, value in own.items() if value is not None}
        if not given:
            return self
        held = replace(self, **given)
        return replace(held, max_norm=held.max_norm or None)

    @staticmethod
    def bind(
        stack: Sequence[Regularization], networks: Sequence[Layers], parameters: Parameters
    ) -> Penalty:
        """Return the penalty at work on the parameters of the members' networks."""
        table = _in_force(stack, networks, parameters)
        return Penalty(
            np.array([[each.l1 for each in row] for row in table], np.float64),  # (P, M)
            np.array([[each.l2 for each in row] for row in table], np.float64),
            parameters,
        )

    @staticmethod
    def bind_bounds(
        stack: Sequence[Regularization], networks: Sequence[Layers], parameters: Parameters
    ) -> NormBounds:
        """Return the bounds at work on the parameters of the members' networks."""
        table = _in_force(stack, networks, parameters)
        bounds = [[each.max_norm or inf for each in row] for row in table]
        return NormBounds(np.array(bounds, np.float64), parameters)


def strongest(settings: Regularization, layers: Layers) -> Regularization:
    """Return the largest strengths that hold for any layer, and the tightest bound."""
    held = [settings.of(layer) for layer in layers if isinstance(layer, Weighted)]
    return Regularization(
        l1=max((each.l1 for each in held), default=0.0),
        l2=max((each.l2 for each in held), default=0.0),
        max_norm=min((each.max_norm for each in held if each.max_norm), default=None),
    )


def without_own(layers: Layers) -> tuple[Layer, ...]:
    """Return the layers without regularization of their own."""
    return tuple(
        replace(layer, l1=None, l2=None, max_norm=None) if isinstance(layer, Weighted) else layer
        for layer in layers
    )


def _in_force(
    stack: Sequence[Regularization], networks: Sequence[Layers], parameters: Parameters
) -> list[list[Regularization]]:
    """Return what holds for every array of weights (P rows) of every member (M columns)."""
    return [
        [settings.of(layers[entry.layer]) for settings, layers in zip(stack, networks, strict=True)]
        for entry in parameters.entries
        if entry.role == "weight"
    ]
