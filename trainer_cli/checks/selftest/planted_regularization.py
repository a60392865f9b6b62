"""Regularization with a known fault, written out plainly, for showing that it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainer_cli.checks.selftest.planted import remade
from trainer_cli.nn.parameters import Entry, Parameters
from trainer_cli.nn.regularization import Regularization


def faulty_regularization(fault: str = "", **settings: Any) -> Regularization:
    """Return regularization that is wrong in the way that `fault` names; "": it is right.

    All members have that of the first.
    """

    def bind(stack: Any, networks: Any, parameters: Parameters) -> FaultyPenalty:
        return FaultyPenalty(Held(stack[0], fault), networks[0], parameters)

    def bind_bounds(stack: Any, networks: Any, parameters: Parameters) -> FaultyBounds:
        return FaultyBounds(Held(stack[0], fault), networks[0], parameters)

    made: Regularization = remade(Regularization(**settings), bind=bind, bind_bounds=bind_bounds)
    return made


@dataclass(frozen=True)
class Held:
    """How strong the regularization of a layer is, as a fault has it."""

    settings: Regularization
    fault: str

    def of(self, layer: Any, kind: str) -> float:
        """Return a layer's "l1", "l2" or "max_norm"; 0 for none."""
        own, section = getattr(layer, kind, None), getattr(self.settings, kind) or 0.0
        if self.fault == "own settings ignored" or own is None:
            return section
        return section if self.fault == "own 0 taken for none" and own == 0 else own


class FaultyPenalty:
    """λ₁ Σ |w| + ½ λ₂ Σ w², with a fault."""

    def __init__(self, held: Held, layers: Any, parameters: Parameters) -> None:
        self.held, self.layers, self.parameters = held, layers, parameters
        self.fault = held.fault

    def penalized(self) -> Iterator[tuple[float, float, Entry, Any]]:
        """Yield l1, l2, the entry and its values of all that is penalized."""
        for entry in self.parameters.entries:
            kind = entry.name.partition(".")[2]
            if entry.role == "weight" or self.fault == f"{kind} too":
                if self.fault == "one layer" and entry.layer > 0:
                    continue
                l1, l2 = (self.held.of(self.layers[entry.layer], k) for k in ("l1", "l2"))
                if self.fault == "l2 lost beside l1" and l1:
                    l2 = 0.0
                yield l1, l2, entry, entry.view(self.parameters.values)

    def costs(self) -> Any:
        """Return the penalty of each member."""
        l1_factor = 0.5 if self.fault == "l1 halved" else 1.0
        l2_factor = 1.0 if self.fault == "l2 not halved" else 0.5
        total: Any = 0.0
        for l1, l2, _, w in self.penalized():
            rows = np.moveaxis(w, -2, 0).reshape(w.shape[-2], -1)  # (M, ...)
            signed = self.fault == "sum of signed weights"
            magnitudes = np.sum(rows if signed else np.abs(rows), axis=1)
            total = total + l1_factor * l1 * magnitudes + l2_factor * l2 * np.sum(rows**2, axis=1)
        return total

    def add_gradient(self, scale: Any = 1.0) -> None:
        """Add the slope of the penalty to the gradients."""
        factor = {"no gradient": 0, "gradient twice": 2}.get(self.fault, 1)
        for l1, l2, entry, w in self.penalized():
            sign = {
                "slope of l1 is w": w,
                "slope of l1 is 1": 1.0,
                "slope of l1 is missing": 0.0,
                "slope of l1 at 0 is 1": np.where(w >= 0, 1.0, -1.0),
            }.get(self.fault, np.sign(w))
            gradient = entry.view(self.parameters.gradients)
            gradient += factor * np.reshape(scale, (-1, 1)) * (l1 * sign + l2 * w)


class FaultyBounds:
    """w ← w √(c / Σ w²) for every unit with Σ w² > c, with a fault."""

    def __init__(self, held: Held, layers: Any, parameters: Parameters) -> None:
        self.held, self.layers, self.parameters = held, layers, parameters
        self.fault = held.fault

    def project(self) -> None:
        """Shrink every unit that is too large."""
        for entry in self.parameters.entries:
            c = self.held.of(self.layers[entry.layer], "max_norm")
            if self.fault == "never projected" or (self.fault == "one array" and entry.layer > 0):
                continue
            if c and entry.role == "weight":
                self._project(entry, c)

    def _project(self, entry: Entry, c: float) -> None:
        w = entry.view(self.parameters.values)  # (..., 1, F)
        units = tuple(range(w.ndim - 2))
        axes = {"whole array": None, "outgoing weights": w.ndim - 1}.get(self.fault, units)
        sums = np.sum(w**2, axis=axes, keepdims=True)
        bound = {"norm instead of its square": c**2, "half of the bound": c / 2}.get(self.fault, c)
        share = bound / sums
        if self.fault != "stretched":
            share = np.minimum(share, 1.0)
        if self.fault == "without the root":
            share = share**2
        if self.fault == "cut off":
            largest = np.sqrt(c / (w.size // w.shape[-1]))
            np.copyto(w, np.where(sums > c, np.clip(w, -largest, largest), w))
            return
        w *= np.sqrt(share)
        if self.fault == "biases shrunk":
            biases = self.parameters[entry.name.replace("weights", "biases")]
            biases *= 0.5
