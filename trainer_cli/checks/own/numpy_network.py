"""Asks a network with the interface of the CS231n assignments: `params`, and `loss(X, y)`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from trainer_cli.checks.own.generators import generators
from trainer_cli.checks.own.kept import changed, taken
from trainer_cli.checks.own.network import Inputs, Parameters
from trainer_cli.checks.own.raised import guarded, refuse
from trainer_cli.config.imported import Imported
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels

LOSS = "loss(X, y) gives (loss, grads), and loss(X) the scores, one row for each example"

# Calls after which it is asked whether X and y are still what they were.
WATCHED = 8


class NumpyNetwork:
    """An object with `params` and `loss`, its parameters in float64."""

    def __init__(self, network: Any, own: Imported, build: Callable[..., Any]) -> None:
        self._network = network
        self._loss = network.loss
        self._blame = getattr(self._loss, "__func__", self._loss)
        self.noise = 0
        self.changes_inputs, self._calls = False, 0
        self.fixed: Sequence[str] = ()
        self.module = None
        self.unknown: list[str] = []  # gradients of what is no parameter
        self.loss_is_own = True
        with guarded("setting dtype", build):
            if hasattr(network, "dtype"):  # which the assignments cast the inputs to
                network.dtype = np.float64
        with guarded("reading params", build):
            self._shapes = taken(network.params, build)
        self._scores: tuple[int, ...] | None = None  # shape of those of an example

    @property
    def parameters(self) -> Parameters:
        """The arrays it learns, by name: to be changed in place."""
        params: Parameters = self._network.params
        return {name: params[name] for name in self._shapes}

    @property
    def added(self) -> list[str]:
        """Names in `params` that were not there when it was built."""
        return [str(name) for name in self._network.params if name not in self._shapes]

    @property
    def strength(self) -> float | None:
        """Its `reg`; None where it has none, or none that is a number."""
        with guarded("reading reg", self._blame, "reg is a number, the strength of the penalty"):
            reg: Any = getattr(self._network, "reg", None)
            real = isinstance(reg, int | float | np.integer | np.floating)
            return float(reg) if real and np.isfinite(reg) else None

    def set_strength(self, strength: float) -> None:
        """Set `reg`."""
        with guarded("setting reg", self._blame):
            self._network.reg = strength

    def scores(self, x: Inputs) -> Array:
        """Return what `loss(X)` gives."""
        answer = self._ask("loss(X)", x)
        with guarded("reading the scores", self._blame, LOSS):
            scores = np.array(answer)
        if scores.dtype.kind not in "fiu":
            message = f"loss(X) must return an array of scores, got {_kind(answer)}"
            raise refuse(message, LOSS, self._blame)
        if scores.shape[:1] == (len(x),):
            self._scores = self._scores or scores.shape[1:]
        if self._scores is not None and scores.shape != (len(x), *self._scores):
            message = f"loss(X) gives scores of the shape {scores.shape} for {len(x)} examples"
            hint = "one row for each example, however many there are, and always as many scores"
            raise refuse(message, hint, self._blame)
        return scores if scores.dtype.char not in "eg" else scores.astype(_wide(scores.dtype))

    def learned_scores(self, x: Inputs) -> Array:
        """Return the scores by which it is judged what has been learned: those of `loss(X)`."""
        return self.scores(x)

    def cost(self, x: Inputs, y: Labels) -> float:
        """Return the loss of `loss(X, y)`."""
        return self._both(x, y)[0]

    def gradients(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Array | None]]:
        """Return both that `loss(X, y)` gives, gradients by the names of the parameters."""
        loss, grads = self._both(x, y)
        self.unknown = [str(name) for name in grads if name not in self._shapes]
        with guarded("reading the gradients", self._blame, LOSS):
            return loss, {
                name: None if grads.get(name) is None else _shaped(grads[name], shape)
                for name, shape in self._shapes.items()
            }

    def learned_by(self, x: Inputs) -> list[Any]:
        """Return none: arrays do not say what they are made of."""
        return []

    def slopes(self, x: Inputs) -> None:
        """Return None: there is no gradient by the inputs."""

    def passage(self, x: Inputs, y: Labels) -> None:
        """Return None: what lies between the arrays of NumPy cannot be seen from outside."""

    def _both(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Any]]:
        both = self._ask("loss(X, y)", x, y)
        pair = isinstance(both, tuple | list) and len(both) == 2
        if not pair or not isinstance(both[1], dict) or not _is_single(both[0]):
            message = f"loss(X, y) must return (loss, grads), got {_kind(both)}"
            raise refuse(message, LOSS, self._blame)
        with guarded("reading the loss", self._blame, LOSS):
            loss = np.asarray(both[0])
        if loss.dtype.kind not in "fiub":
            message = f"loss(X, y) must return a number and the gradients, got {_kind(both)}"
            raise refuse(message, LOSS, self._blame)
        return float(loss.reshape(())), both[1]

    def _ask(self, what: str, *arguments: Any) -> Any:
        np.random.seed(self.noise)  # noqa: NPY002 - the state that the user's code draws from
        random.seed(self.noise)
        for k, generator in enumerate(generators(self._network, self._blame)):
            bits = generator.bit_generator
            bits.state = type(bits)(np.random.SeedSequence([self.noise, k])).state
        copies = [each.copy() for each in arguments]
        with guarded(what, self._blame, x=arguments[0]):
            answer = self._loss(*copies)
        wrong = changed(self._network.params, self._shapes)
        if wrong is not None:
            raise refuse(f"{what} {wrong[0]}", wrong[1], self._blame)
        if self._calls < WATCHED:
            self._calls += 1
            pairs = zip(arguments, copies, strict=True)
            self.changes_inputs |= not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)
        return answer


def _shaped(grad: Any, shape: tuple[int, ...]) -> Array:
    """Return a gradient in the shape of its parameter, where `values -= grad` takes it as such."""
    array = np.asarray(grad)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"a gradient holds {array.dtype}, not numbers")
    array = np.array(array, np.float64)
    short = array.ndim < len(shape) and array.size == int(np.prod(shape))
    fits = short and np.broadcast_shapes(array.shape, shape) == shape
    return array.reshape(shape) if fits else array


def _wide(dtype: np.dtype[Any]) -> type[np.floating[Any]]:
    """Return the precision in which scores of another are taken: NumPy's algebra knows only two."""
    return np.float32 if dtype.itemsize < 4 else np.float64


def _is_single(value: Any) -> bool:
    try:
        return bool(np.size(value) == 1)
    except ValueError:  # a ragged list
        return False


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(type(each).__name__ for each in value)})"
    return "None" if value is None else f"a {type(value).__name__}"
