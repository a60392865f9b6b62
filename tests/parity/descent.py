"""Every optimizer once more, in the words of PyTorch, with clipping, decay and bounds.

Two of our rules differ from PyTorch's by design, and `Descent` says how they agree all the same:

- the velocity of `momentum` and `nesterov` is v = ρ v - α g, PyTorch's is v = ρ v + g and the step
  α v. For a rate that stays they are the same; for one that changes, PyTorch's rule at rate 1 with
  the gradients α g is ours.
- PyTorch divides a clipped gradient by ‖g‖ + 1e-6, ours by ‖g‖.

Weights decay by w ← w - α λ w, as in AdamW, under every optimizer; PyTorch's `weight_decay` is
that for AdamW alone, and for the others what we call `l2`.
"""

from __future__ import annotations

from tests.parity.installed import torch
from trainer_cli.optim.optimizers import Adagrad, Adam, Adamw, Momentum, Nesterov, Rmsprop, Sgd

ADDED_TO_NORM = 1e-6  # by torch.nn.utils.clip_grad_norm_


def adamw(s, groups):
    return torch.optim.AdamW(groups, betas=(s.beta1, s.beta2), eps=s.epsilon, weight_decay=0)


OPTIMIZER = {
    Adagrad: lambda s, groups: torch.optim.Adagrad(groups, eps=s.epsilon),
    Adam: adamw,  # the same but for the decay, which is decoupled in ours
    Adamw: adamw,
    Momentum: lambda s, groups: torch.optim.SGD(groups, momentum=s.momentum),
    Nesterov: lambda s, groups: torch.optim.SGD(
        groups, momentum=s.momentum, nesterov=s.momentum > 0
    ),
    Rmsprop: lambda s, groups: torch.optim.RMSprop(groups, alpha=s.decay, eps=s.epsilon),
    Sgd: lambda s, groups: torch.optim.SGD(groups),
}
DECAYS_BY_ITSELF = (Adam, Adamw)
RATE_IN_VELOCITY = (Momentum, Nesterov)


class Descent:
    """PyTorch's optimizer for these settings on weights, which decay, and others, which do not."""

    def __init__(self, settings, weights, others):
        self.settings = settings
        self.weights, self.everything = list(weights), [*weights, *others]
        self.optimizer = OPTIMIZER[type(settings)](
            settings, [{"params": list(each)} for each in (weights, others) if each]
        )
        if isinstance(settings, DECAYS_BY_ITSELF) and self.weights:
            self.optimizer.param_groups[0]["weight_decay"] = settings.weight_decay

    def step(self, rate):
        """Learn from the gradients at this rate."""
        if self.settings.clip_norm is not None:
            self.clip(self.settings.clip_norm)
        if not isinstance(self.settings, DECAYS_BY_ITSELF):
            with torch.no_grad():
                for weights in self.weights:
                    weights -= rate * self.settings.weight_decay * weights
        if isinstance(self.settings, RATE_IN_VELOCITY):
            for each in self.everything:
                each.grad *= rate
            rate = 1.0
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()

    def clip(self, bound):
        norm = float(torch.nn.utils.get_total_norm([each.grad for each in self.everything]))
        if norm:
            bound *= 1 + ADDED_TO_NORM / norm  # the norm that is left is then the bound itself
        torch.nn.utils.clip_grad_norm_(self.everything, bound)
