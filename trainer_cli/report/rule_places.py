"""Which keys of an experiment file a rule is about, so that a finding can point at one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from trainer_cli.config.nodes import ListNode, MapNode, Node, Span
from trainer_cli.training.findings import Finding

LAYER = re.compile(r"\bnetwork\[(\d+)\]")

RATE = ("optimizer.learning_rate", "optimizer")
LOSS = ("loss", "network")
PENALTY = ("regularization", "network")
STOPPING = ("training.early_stopping", "training")
EPOCHS = ("training.epochs", "training")
BATCH = ("training.batch_size", "training")
SPACE = ("sweep.space", "sweep")

# For each rule the paths of keys, of which the first that the file has is pointed at.
PLACES: Mapping[str, Sequence[str]] = {
    # data
    "augmentation-changes-class": ("data.augment", "data"),
    "blank-examples": ("data",),
    "class-imbalance": ("data",),
    "class-spelling": ("data.label", "data"),
    "constant-features": ("data",),
    "contradictory-labels": ("data",),
    "far-out-values": ("data",),
    "image-layout": ("data",),
    "label-among-features": ("data",),
    "label-range": ("data.label", "data"),
    "missing-classes": ("data",),
    "non-finite-values": ("data",),
    "preprocessing-leak": ("data.preprocess", "data"),
    "shuffled-features": ("data",),
    "small-split": ("data.split", "data"),
    "split-drift": ("data",),
    "split-scale": ("data",),
    "split-leak": ("data.split", "data"),
    "unrelated-labels": ("data",),
    "unscaled-inputs": ("data.preprocess", "data"),
    # the network as it is written
    "bottleneck": ("network",),
    "constant-initialization": ("network",),
    "dropout-placement": ("network",),
    "dropout-rate": ("network",),
    "missing-nonlinearity": ("network",),
    "output-activation": ("network",),
    "output-units": ("network",),
    "unregistered-parameters": ("network",),
    "unused-inputs": ("network",),
    # the untrained network
    "batch-independence": ("network",),
    "dead-units": ("network",),
    "dropout-scale": ("network",),
    "exploding-activations": ("network",),
    "exploding-gradient": ("network",),
    "gradient-at-start": ("network",),
    "gradient-trained": ("network",),
    "identical-units": ("network",),
    "initial-loss": ("network",),
    "input-independence": ("network",),
    "loss-at-zero-scores": LOSS,
    "noise-at-test-time": ("network",),
    "running-averages": ("network",),
    "saturated-units": ("network",),
    "side-effects": ("network",),
    "vanishing-activations": ("network",),
    "vanishing-gradient": ("network",),
    # penalties
    "max-norm": PENALTY,
    "penalty-gradient-at-start": PENALTY,
    "penalty-gradient-trained": PENALTY,
    "penalty-outweighs-loss": PENALTY,
    "regularization-gradient": PENALTY,
    "regularization-loss": PENALTY,
    # training
    "batch-contents": ("data.augment", "data"),
    "batch-larger-than-data": BATCH,
    "batch-norm-values": BATCH,
    "class-weights": LOSS,
    "early-stopping": STOPPING,
    "frozen-parameters": ("optimizer",),
    "label-smoothing": LOSS,
    "learning-rate-too-high": RATE,
    "learning-rate-too-low": RATE,
    "learning-rate-unstable": RATE,
    "member-independence": ("optimizer",),
    "momentum-too-high": ("optimizer.momentum", "optimizer.beta1", "optimizer"),
    "noisy-cost": RATE,
    "overfit": ("overfit", "network"),
    "overfitting": ("regularization", "training"),
    "patience-longer-than-run": STOPPING,
    "plateau": RATE,
    "schedule-ends-early": ("schedule",),
    "slow-start": ("network",),
    "svm-margin": ("loss.margin", "loss"),
    "too-few-updates": EPOCHS,
    "underfitting": ("network",),
    "update-direction": ("optimizer",),
    "update-formula": ("optimizer",),
    "update-ratio": RATE,
    "validation-worse-than-chance": ("data",),
    "weight-decay-too-strong": ("optimizer.weight_decay", "optimizer"),
    # the sweep
    "all-diverged": SPACE,
    "all-too-low": SPACE,
    "best-at-edge": SPACE,
    "few-trials": ("sweep.trials", "sweep"),
    "flat": SPACE,
    "learning-rate-regions": SPACE,
    "mostly-infeasible": SPACE,
    "winner-within-noise": ("sweep.trials", "sweep"),
    # evaluation
    "crossval": ("training",),
    "fold-spread": ("data",),
    "test-accuracy": ("data.split", "data"),
    "test-set-reuse": ("data.split", "data"),
    "unfinished-run": ("training",),
}


def place_of(finding: Finding, root: Node) -> Span | None:
    """Return where the file has what the finding is about; None if it leaves that to the defaults.

    Of a finding about the network it is the first layer that its message or hint names. A key that
    an override gives has no place in the file.
    """
    paths = PLACES.get(finding.rule, ())
    layer = LAYER.search(f"{finding.message} {finding.hint}")
    if layer is not None and paths and paths[-1] == "network":
        paths = (f"network.{layer[1]}", *paths)
    for path in paths:
        span = _written(root, path)
        if span is not None:
            return span
    return None


def _written(node: Node, path: str) -> Span | None:
    """Return where the file, and no override, has the key, or the item of a list."""
    span = None
    for part in path.split("."):
        if isinstance(node, MapNode) and part in node.entries:
            span, node = node.entries[part].key, node.entries[part].value
        elif isinstance(node, ListNode) and int(part) < len(node.items):
            node = node.items[int(part)]
            span = node.span
        else:
            return None
    return span if span is not None and span.source.order == 0 else None
