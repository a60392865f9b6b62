"""Do batches hold the examples that are drawn for them, with their labels, as training fills them?

N examples looked at, B of a batch, F features.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import BatchContents, rule_of
from trainer_cli.datasets import Dataset, Examples, Feed
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding, counted

# Examples that are looked at, in batches as training makes them.
MOST = 500
ALIKE = "are inputs and labels put in order together, and taken by the same numbers?"


def check_batches(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return one finding: what fills batches is compared with the examples as they are stored.

    Augmentation is judged for itself: what it makes of an example does not depend on the others.
    Source: Karpathy 2019, "A Recipe for Training Neural Networks".
    """
    begun, rule = perf_counter(), rule_of(experiment.checks, BatchContents)
    order = stream(experiment.seed, "order", 1).permutation(len(dataset.train))[:MOST]
    size = min(experiment.training.batch_size, len(order))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    with np.errstate(all="ignore"):
        wrong = _misfilled(dataset.train, batches, rule.tolerance)
        wrong = wrong or _mixed(experiment, dataset, batches[0], rule.tolerance)
    message, hint = wrong or (
        f"{counted(len(order), 'example')}, in batches of {size:,}, are those that were drawn, "
        f"each with its own label",
        None,
    )
    return [
        Finding(
            rule=rule.type,
            status="fail" if wrong else "pass",
            threshold=rule.tolerance,
            message=message,
            hint=hint,
            seconds=perf_counter() - begun,
        )
    ]


def _misfilled(
    examples: Examples, batches: list[NDArray[np.intp]], tolerance: float
) -> tuple[str, str] | None:
    """Return what is wrong with batches as they come, and what to do."""
    feed = Feed(examples, len(batches[0]), dtype=np.float64)
    for number, positions in enumerate(batches, start=1):
        x, labels = feed.fill(positions)
        own = _stored(examples, positions)  # (B, F)
        inputs = ~_same(x.reshape(own.shape), own, tolerance)
        others = labels[:, 0] != examples.labels[positions]
        if not (inputs.any() or others.any()):
            continue
        of = f"{{}} of the {counted(len(positions), 'example')} of batch {number}"
        if not others.any():
            return f"the inputs of {of.format(inputs.sum())} are not their own", ALIKE
        if not inputs.any():
            return f"the labels of {of.format(others.sum())} are not their own", ALIKE
        return (
            f"{of.format((inputs | others).sum())} are others than were drawn",
            "look at how positions in the split become examples: does every one of them come up "
            "once in an epoch?",
        )
    return None


def _stored(examples: Examples, positions: NDArray[np.intp]) -> Array:
    """Return examples preprocessed, (B, F), past everything that makes batches."""
    own = np.empty((len(positions), int(np.prod(examples.shape))))
    examples.pipeline.apply(examples.stored[examples.rows[positions]], own)
    return own


def _mixed(
    experiment: Experiment, dataset: Dataset, positions: NDArray[np.intp], tolerance: float
) -> tuple[str, str] | None:
    """Return what is wrong with augmentation: with other examples beside it, one stays the same."""
    augment = experiment.data.augment
    kept = len(positions) // 2
    if not augment or not kept:
        return None
    others = positions.copy()
    others[kept:] = positions[:kept][0]
    feed = Feed(dataset.train, len(positions), dtype=np.float64, augment=augment)
    changed = []
    for drawn in (positions, others):
        feed.restart([experiment.seed], 1)
        changed.append(feed.fill(drawn)[0].reshape(len(drawn), -1)[:kept].copy())
    same = _same(changed[0], changed[1], tolerance)
    if same.all():
        return None
    names = ", ".join(each.type for each in augment)
    return (
        f"augmentation ({names}) mixes examples: with others beside them, {(~same).sum()} of "
        f"{counted(kept, 'example')} of a batch become something else, and keep their labels",
        "change each example by itself: no shuffling, mean or sum over the batch",
    )


def _same(a: Array, b: Array, tolerance: float) -> NDArray[np.bool_]:
    """Return which rows of (B, F) are the same, whatever is not finite in both included."""
    size = np.abs(b).max(initial=0.0, where=np.isfinite(b))
    alike: NDArray[np.bool_] = np.isclose(a, b, rtol=0.0, atol=tolerance * size, equal_nan=True)
    return np.asarray(alike.all(axis=-1))
