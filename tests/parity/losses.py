"""Every loss once more, in the words of PyTorch: the mean over a batch, for one member.

N examples, C classes; scores (N, C), labels (N,).
"""

from __future__ import annotations

from tests.parity.installed import torch
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm

F = torch.nn.functional


def class_weights(settings, scores):
    given = settings.class_weights
    return None if given is None else torch.tensor(given, dtype=scores.dtype)


def softmax(settings, scores, labels):
    return F.cross_entropy(
        scores,
        labels,
        weight=class_weights(settings, scores),
        label_smoothing=settings.label_smoothing,
    )


def hinges(settings, scores, labels, power):
    """Sum over the classes, and divide by Σ w[y].

    PyTorch divides by the number of classes C, and a weighted sum by N: its weighted mean of equal
    losses depends on how frequent the classes are, and its softmax's does not.
    """
    weight = class_weights(settings, scores)
    loss = F.multi_margin_loss(scores, labels, p=power, margin=settings.margin, weight=weight)
    total = len(labels) if weight is None else weight[labels].sum()
    return loss * scores.shape[1] * len(labels) / total


LOSS = {
    Softmax: softmax,
    SquaredSvm: lambda s, scores, labels: hinges(s, scores, labels, power=2),
    Svm: lambda s, scores, labels: hinges(s, scores, labels, power=1),
}
