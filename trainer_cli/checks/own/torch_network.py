"""Asks a `torch.nn.Module`; torch is here only because the user's own code has imported it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from trainer_cli.checks.own.network import Inputs, Parameters, Reference
from trainer_cli.checks.own.raised import given, guarded, is_theirs, place_of, refuse
from trainer_cli.config.imported import Imported
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.losses import Labels


class TorchNetwork:
    """A module in float64 on the processor; the loss is the experiment's, from nntrain.

    Its buffers, such as running averages, are put back before every call; dropout is off.
    """

    def __init__(
        self, module: Any, own: Imported, build: Callable[..., Any], reference: Reference
    ) -> None:
        self._torch = sys.modules["torch"]
        forward = type(module).forward
        self._blame = forward if is_theirs(place_of(forward)[0]) else build
        self._reference = reference
        self.noise = 0
        self.loss_is_own = False
        with guarded(own.function, build):
            self._torch.set_num_threads(1)  # for so little work several wait for each other
            self._module = module.cpu().double()
            silencing = self._torch.nn.modules.dropout._DropoutNd
            self._dropouts = [m for m in self._module.modules() if isinstance(m, silencing)]
            self._buffers = [(b, b.detach().clone()) for b in self._module.buffers()]
            self._learned = {
                name: each for name, each in self._module.named_parameters() if each.requires_grad
            }
            self._arrays = {name: each.detach().numpy() for name, each in self._learned.items()}
        if not self._learned:
            raise refuse("the module has no parameters that learn", "see requires_grad", build)

    @property
    def parameters(self) -> Parameters:
        """Views of the parameters that learn, by name."""
        return self._arrays

    @property
    def strength(self) -> float | None:
        """None: a module has no penalty; it is the optimizer's weight decay."""
        return None

    def set_strength(self, strength: float) -> None:
        """Do nothing: there is no penalty."""

    def scores(self, x: Inputs) -> Array:
        """Return what the module gives in evaluation mode."""
        self._module.eval()
        with self._torch.no_grad():
            scores: Array = self._given(x).detach().numpy().copy()
        return scores

    def learned_scores(self, x: Inputs) -> Array:
        """Return the scores as in training: running averages lag behind so short a run."""
        self._train()
        with self._torch.no_grad():
            scores: Array = self._given(x).detach().numpy().copy()
        return scores

    def cost(self, x: Inputs, y: Labels) -> float:
        """Return the experiment's loss of what the module gives in training mode."""
        self._train()
        with self._torch.no_grad():
            return self._reference.of(self._given(x).detach().numpy(), y)

    def gradients(self, x: Inputs, y: Labels) -> tuple[float, dict[str, Array | None]]:
        """Return the cost, and what the module's backward makes of the loss's gradient."""
        self._train()
        for each in self._learned.values():
            each.grad = None
        scores = self._given(x)
        loss, slope = self._reference.slope(scores.detach().numpy(), y)
        with guarded("backward", self._blame):
            if scores.requires_grad:
                scores.backward(self._torch.from_numpy(slope.copy()))
        return loss, {
            name: None if each.grad is None else each.grad.detach().numpy().copy()
            for name, each in self._learned.items()
        }

    def _train(self) -> None:
        """Go into training mode, without dropout."""
        self._module.train()
        for each in self._dropouts:
            each.eval()

    def _given(self, x: Inputs) -> Any:
        self._torch.manual_seed(self.noise)
        np.random.seed(self.noise)  # noqa: NPY002 - the state that the user's code draws from
        with guarded("forward", self._blame, given(x)):
            with self._torch.no_grad():
                for buffer, begun in self._buffers:
                    buffer.copy_(begun)
            scores = self._module(self._torch.from_numpy(x.copy()))
        if not isinstance(scores, self._torch.Tensor):
            message = f"forward must return scores, one tensor, got a {type(scores).__name__}"
            raise refuse(message, "one row of scores for each example", self._blame)
        return scores
