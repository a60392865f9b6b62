"""Asks a `torch.nn.Module`; torch is here only because the user's own code has imported it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any

import numpy as np

from trainer_cli.checks.own.network import Inputs, Parameters, Reference
from trainer_cli.checks.own.passage import Op
from trainer_cli.checks.own.raised import guarded, is_theirs, place_of, refuse
from trainer_cli.checks.own.torch_dropout import drops, silence, undropped
from trainer_cli.checks.own.torch_inplace import inplace_told
from trainer_cli.checks.own.torch_passage import follow, leaves
from trainer_cli.config.imported import Imported
from trainer_cli.nn.layers.place import Array, Shape
from trainer_cli.nn.losses import Labels

REGISTERED = (
    "layers are attributes of the module, or in an nn.ModuleList, and made in __init__: those in a "
    "Python list, or made in forward, are not registered"
)


class TorchNetwork:
    """A module in float64 on the processor; the loss is the experiment's, from nntrain.

    One that takes nothing but float32 is in float32. Its buffers, such as running averages, are put
    back before every call; dropout is off.
    """

    def __init__(
        self,
        module: Any,
        own: Imported,
        build: Callable[..., Any],
        shape: Shape,
        reference: Reference,
    ) -> None:
        self._torch = sys.modules["torch"]
        forward = getattr(type(module), "forward", build)  # a compiled module has none
        self._blame = forward if is_theirs(place_of(forward)[0]) else build
        self._reference = reference
        self.noise = 0
        self.loss_is_own = False
        self._training = False  # or in evaluation mode
        with guarded(own.function, build):
            self._torch.set_num_threads(1)  # for so little work several wait for each other
            self.module: Any
            self.module, self._dtype = _in_precision(self._torch, module.cpu(), shape)
            self._still = [m for m in self.module.modules() if _is_restless(self._torch, m)]
            self._buffers = [(b, b.detach().clone()) for b in self.module.buffers()]
            silence(self.module)
            two = self._torch.from_numpy(np.zeros((2, *shape), self._dtype))
            self._drops = drops(self.module, two)
            every = dict(self.module.named_parameters())
            self._learned = {name: each for name, each in every.items() if each.requires_grad}
            self.fixed: Sequence[str] = [name for name in every if name not in self._learned]
            self._arrays = {name: each.detach().numpy() for name, each in self._learned.items()}
        if not every:
            raise refuse("the module has no parameters", REGISTERED, build)
        if not self._learned:
            why = f"requires_grad is off for all {len(every)}"
            raise refuse("the module has no parameters that learn", why, build)

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
        self.module.eval()
        self._training = False
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
        back = self._torch.from_numpy(slope).to(scores.dtype)
        with (
            guarded("backward", self._blame),
            inplace_told(lambda: self._given(x).backward(back)),
        ):
            if scores.requires_grad:
                scores.backward(back)
        return loss, {
            name: None if each.grad is None else each.grad.detach().numpy().copy()
            for name, each in self._learned.items()
        }

    def passage(self, x: Inputs, y: Labels) -> list[Op]:
        """Return the operations on the way from the inputs to the scores, as in training."""

        def slope(scores: Any) -> Any:
            given = self._reference.slope(scores.detach().numpy(), y)[1]
            return self._torch.from_numpy(given * len(y)).to(scores.dtype)

        self._train()
        self._begin_anew()
        return follow(self.module, self._inputs(x), slope)

    def learned_by(self, x: Inputs) -> list[Any]:
        """Return the leaves of autograd's graph behind the scores."""
        self._train()
        return leaves(self._given(x))

    def slopes(self, x: Inputs) -> Array | None:
        """Return the gradient of a mixture of the scores by the inputs, in evaluation mode."""
        self.module.eval()
        self._training = False
        inputs = self._inputs(x).requires_grad_()
        self._begin_anew()
        with suppress(Exception):  # something in the way of a gradient, whatever it is
            scores = self.module(inputs)
            mixture = self._torch.linspace(1, 2, scores[0].numel(), dtype=scores.dtype)
            (slopes,) = self._torch.autograd.grad((scores.flatten(1) @ mixture).sum(), inputs)
            given: Array = slopes.numpy()
            return given
        return None

    def _train(self) -> None:
        """Go into training mode, without dropout."""
        if not self._training:
            self.module.train()
            for each in self._still:
                each.eval()
        self._training = True

    def _given(self, x: Inputs) -> Any:
        self._begin_anew()
        still = undropped() if self._training and self._drops else nullcontext()
        with guarded("forward", self._blame, x=x), still:
            scores = self.module(self._inputs(x))
        if not isinstance(scores, self._torch.Tensor):
            message = f"forward must return scores, one tensor, got a {type(scores).__name__}"
            raise refuse(message, "one row of scores for each example", self._blame)
        return scores

    def _inputs(self, x: Inputs) -> Any:
        return self._torch.from_numpy(x.astype(self._dtype))

    def _begin_anew(self) -> None:
        """Put back buffers and the state that the user's code draws from."""
        self._torch.default_generator.manual_seed(self.noise)  # the processor's alone: quick
        np.random.seed(self.noise)  # noqa: NPY002
        random.seed(self.noise)
        with self._torch.no_grad():
            for buffer, begun in self._buffers:
                buffer.copy_(begun)


def _is_restless(torch: Any, module: Any) -> bool:
    """Whether a module does in training what no slope shows: dropout, spectral norm's iteration."""
    dropout = torch.nn.modules.dropout._DropoutNd
    hooks = [type(each).__name__ for each in module._forward_pre_hooks.values()]
    spectral = type(module).__name__ == "_SpectralNorm" or "SpectralNorm" in hooks
    return spectral or isinstance(module, dropout)


def _in_precision(torch: Any, module: Any, shape: Shape) -> tuple[Any, type[np.floating[Any]]]:
    """Return the module in float64, or in float32 where it takes no other, and which it is.

    What it cannot do in either is told when it is asked for it.
    """
    module = module.double().eval()
    begun = [(each, each.detach().clone()) for each in module.buffers()]
    given = torch.zeros((2, *shape), dtype=torch.float64)
    with torch.no_grad():
        try:
            module(given)
        except Exception:  # whatever it raises
            with suppress(Exception):
                module.float()(given.float())
                return module, np.float32
            module.double()
        for buffer, values in begun:
            buffer.copy_(values)
    return module, np.float64
