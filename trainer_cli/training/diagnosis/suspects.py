"""Settings that can keep a sound network from learning, and which of them do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers import Dropout
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.losses import Softmax
from trainer_cli.training.diagnosis.gains import fall_text
from trainer_cli.training.diagnosis.probe import UPDATES, USUAL, Trial, best_of, probe
from trainer_cli.training.noiseless import without_noise

Removal = Callable[[Experiment], Experiment]


def culprits(
    experiment: Experiment, dataset: Dataset, enough: float, stop: Callable[[], bool]
) -> str | None:
    """Return which settings keep the loss from falling, with the evidence, or None.

    They are to blame if without them some usual rate lowers the loss by `enough` or more: all
    suspects together first, then each by itself.
    """
    named = suspects(experiment)
    if not named:
        return None
    best = _best_without(experiment, dataset, named.values(), stop)
    if best.decrease < enough:
        return None
    guilty = list(named)
    if len(named) > 1:
        alone = {
            name: _best_without(experiment, dataset, [removal], stop)
            for name, removal in named.items()
        }
        guilty = [name for name, trial in alone.items() if trial.decrease >= enough] or guilty
        best = alone[guilty[0]] if len(guilty) == 1 else best
    blamed = " and ".join(guilty)
    return (
        f"look at {blamed}: without {'them' if ' and ' in blamed else 'it'}, {UPDATES} updates at "
        f"learning rate {best.learning_rate:.2g} {fall_text(best)}"
    )


def suspects(experiment: Experiment) -> dict[str, Removal]:
    """Return what is set of penalties, decay, bounds, smoothing, noise: how to remove each."""
    found = pulls(experiment) | _regularization(experiment, "max_norm")
    found |= _restraint(experiment, "clip_norm") | _epsilon(experiment)
    loss = experiment.loss
    if isinstance(loss, Softmax) and loss.label_smoothing:
        found[f"loss.label_smoothing={loss.label_smoothing:g}"] = _without_smoothing
    if experiment.data.augment:
        found["data.augment"] = lambda e: replace(e, data=replace(e.data, augment=()))
    dropout = [
        f"network[{i}].rate={layer.rate:g}"
        for i, layer in enumerate(experiment.network)
        if isinstance(layer, Dropout) and layer.rate
    ]
    if dropout:
        found[" and ".join(dropout)] = _without_dropout
    return found


def pulls(experiment: Experiment) -> dict[str, Removal]:
    """Return those of them that pull the weights towards 0."""
    found = _regularization(experiment, "l1") | _regularization(experiment, "l2")
    return found | _restraint(experiment, "weight_decay")


def freed(experiment: Experiment) -> Experiment:
    """Return the experiment without what pulls the weights towards 0."""
    return reduce(lambda before, remove: remove(before), pulls(experiment).values(), experiment)


def _regularization(experiment: Experiment, key: str) -> dict[str, Removal]:
    """Return the settings of one kind together: the section's and the layers' own."""
    value = getattr(experiment.regularization, key)
    names = [f"regularization.{key}={value:g}"] if value else []
    for i, layer in enumerate(experiment.network):
        own = getattr(layer, key) if isinstance(layer, Weighted) else None
        names += [f"network[{i}].{key}={own:g}"] if own else []

    none: dict[str, Any] = {key: None if key == "max_norm" else 0.0}
    unset: dict[str, Any] = {key: None}

    def remove(e: Experiment) -> Experiment:
        network = tuple(
            replace(layer, **unset) if isinstance(layer, Weighted) else layer for layer in e.network
        )
        return replace(e, network=network, regularization=replace(e.regularization, **none))

    return {" and ".join(names): remove} if names else {}


def _restraint(experiment: Experiment, key: str) -> dict[str, Removal]:
    """Return a setting of the optimizer, if it is not as it is by default."""
    value, default = getattr(experiment.optimizer, key), getattr(type(experiment.optimizer), key)

    none: dict[str, Any] = {key: 0.0 if key == "weight_decay" else None}

    def remove(e: Experiment) -> Experiment:
        return replace(e, optimizer=replace(e.optimizer, **none))

    return {f"optimizer.{key}={value:g}": remove} if value and value != default else {}


def _epsilon(experiment: Experiment) -> dict[str, Removal]:
    """Return an ε that is larger than usual: it divides the steps of the adam family."""
    usual = getattr(type(experiment.optimizer), "epsilon", None)
    value = getattr(experiment.optimizer, "epsilon", None)
    if usual is None or value is None or value <= usual:
        return {}

    def remove(e: Experiment) -> Experiment:
        return replace(e, optimizer=replace(e.optimizer, **{"epsilon": usual}))

    return {f"optimizer.epsilon={value:g}": remove}


def _without_dropout(experiment: Experiment) -> Experiment:
    return replace(experiment, network=without_noise(experiment).network)


def _without_smoothing(experiment: Experiment) -> Experiment:
    return replace(experiment, loss=without_noise(experiment).loss)


def _best_without(
    experiment: Experiment,
    dataset: Dataset,
    removals: Iterable[Removal],
    stop: Callable[[], bool],
) -> Trial:
    rates = sorted({experiment.optimizer.learning_rate, *USUAL})
    bare = reduce(lambda before, remove: remove(before), removals, experiment)
    return best_of(probe(bare, dataset, rates, stop))
