"""How low can the loss of a network of one's own get, where its labels are smoothed?"""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.own.bench import SAME, Bench
from trainer_cli.checks.own.paths import draw
from trainer_cli.nn.losses import Softmax
from trainer_cli.nn.losses.constant_scores import class_shares

EXAMPLES = 10
LARGEST = 0.5


def floor_of(bench: Bench) -> tuple[float, float]:
    """Return the smoothing in the network's own loss, and the least loss that it leaves.

    With smoothing s the softmax loss is (1 - s) times that of the right class, and s times the mean
    over all classes. One s must explain the losses of all labels.
    """
    network = bench.network()
    if not network.loss_is_own or not isinstance(bench.reference.loss, Softmax):
        return 0.0, 0.0
    draw(network, bench.experiment.seed)
    x, _ = bench.evenly(EXAMPLES)
    scores, classes = network.scores(x), bench.dataset.classes
    if scores.shape != (len(x), classes) or not np.isfinite(scores).all():
        return 0.0, 0.0
    reference = bench.reference
    of_each = [reference.of(scores, np.full(len(x), c)) for c in range(classes)]
    found = []
    for c in range(min(3, classes)):
        apart = float(np.mean(of_each)) - of_each[c]
        cost = network.cost(x, np.full(len(x), c))
        found.append((cost - of_each[c]) / apart if apart else np.nan)
    smoothing = found[0]
    if not 10 * SAME < smoothing < LARGEST or np.ptp(found) > 10 * SAME:
        return 0.0, 0.0
    smoothed = Softmax(label_smoothing=smoothing)
    return smoothing, float(smoothed.floor(class_shares(np.arange(classes), classes)))
