"""Faults in layers that users write: edits of a sound network's text."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import OWN


def _fault(name: str, before: str, after: str, *rules: str, network: str = "two_layer") -> Case:
    return Case(
        name=name,
        kind="layer code",
        rules=rules,
        file=OWN,
        network=network,
        edit=(before, after),
    )


NETWORKS = (
    _fault("log2 for log", "-np.log(p", "-np.log2(p", "loss-at-zero-scores", "initial-loss"),
    _fault("missing batch division", "        d /= n\n", "", "gradient-at-start"),
)
