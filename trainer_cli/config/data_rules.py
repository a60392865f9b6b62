"""The rules between the data and the rest: what their shape and their classes ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainer_cli.config.problems import Key, Problem
from trainer_cli.datasets import Augmentation, DataError
from trainer_cli.datasets.augment import refuse_unfit
from trainer_cli.nn.layers import Dropout, Layer
from trainer_cli.nn.layers.place import Shape, UnfitError
from trainer_cli.nn.layers.weighted import Weighted
from trainer_cli.nn.losses.class_weights import wrong_class_weights
from trainer_cli.nn.network import smallest_batches

if TYPE_CHECKING:
    from trainer_cli.config.experiment import Experiment
    from trainer_cli.config.load import Loaded

Wrong = tuple[Key, str, str | None]  # key, message and hint of a problem
# The settings that say how many features a layer gives.
WIDTHS = ("units", "filters")
ALONE = "the mean of a single example is the example itself, and nothing of it is left"


def data_problems(loaded: "Loaded", shape: Shape, classes: int, examples: int) -> list[Problem]:
    """Return what is wrong with an experiment for the data that were read.

    They have examples of this shape, so many of them to train on, and so many classes. `load`
    applies the rules where the settings alone tell shape and classes.
    """
    wrong = wrong_for_data(loaded.experiment, shape, classes, examples)
    return [loaded.problem(*each) for each in wrong]


def wrong_for_data(
    experiment: "Experiment", shape: Shape, classes: int, examples: int
) -> list[Wrong]:
    """Return what is wrong with an experiment for data of this shape and size."""
    sections = {name: getattr(experiment, name) for name in ("network", "loss", "training")}
    wrong = list(broken_rules(sections, shape, classes))
    return wrong or list(_small_split(experiment.network, shape, examples))


def broken_rules(sections: Mapping[str, Any], shape: Shape | None, classes: int) -> Iterator[Wrong]:
    """Yield what is wrong with those of data, network, loss and training that are given.

    Without a shape, what can be told without.
    """
    if shape is not None and "data" in sections:
        yield from _unfit_augmentation(sections["data"].augment, shape)
    if "network" in sections:
        wrong = wrong_network(sections["network"], shape, classes)
        if wrong is not None:
            yield wrong
        elif shape is not None and "training" in sections:
            yield from _small_batch(sections["network"], shape, sections["training"].batch_size)
    if "loss" in sections:
        weights = wrong_class_weights(sections["loss"].class_weights, classes)
        if weights is not None:
            yield (("loss", "class_weights"), *weights)


def wrong_network(network: Sequence[Layer], shape: Shape | None, classes: int) -> Wrong | None:
    """Return the first problem of a network, or None; without a shape, what can be told."""
    if shape is None:
        return _wrong_width(network, classes) or _silenced_scores(network)
    learned = False
    for i, layer in enumerate(network):
        try:
            learned = learned or bool(layer.parameters(shape))
            shape = layer.output_shape(shape)
        except UnfitError as unfit:
            below = () if unfit.setting is None else (unfit.setting,)
            return ("network", i, *below), unfit.message, unfit.hint
    if shape == (classes,) and learned:
        return _silenced_scores(network)
    if shape == (classes,):
        hint = f"end it with {{type: dense, units: {classes}}}"
        return ("network",), "has no layer with weights, so it learns nothing", hint
    wrong = _wrong_width(network, classes)
    if wrong is not None:
        return wrong
    message = f"gives the shape {shape} for an example, but scores have the shape ({classes},)"
    hint = f"end the network with {{type: dense, units: {classes}}}"
    return ("network", len(network) - 1), message, hint


def width_setting(layer: Layer) -> str | None:
    """Return the setting that says how many features a layer gives; None if it has none."""
    return next((setting for setting in WIDTHS if hasattr(layer, setting)), None)


def _wrong_width(network: Sequence[Layer], classes: int) -> Wrong | None:
    """Return what is wrong with the last layer that says how many features it gives."""
    for i in reversed(range(len(network))):
        setting = width_setting(network[i])
        if setting is None:
            continue
        width = getattr(network[i], setting)
        if width == classes:
            return None
        message = f"must equal the number of classes, {classes}, got {width}"
        hint = f"the last layer with {setting} gives one score per class"
        return ("network", i, setting), message, hint
    hint = f"end it with {{type: dense, units: {classes}}}"
    return ("network",), "has no layer with units, so it gives no scores", hint


def _silenced_scores(network: Sequence[Layer]) -> Wrong | None:
    """Return that dropout stands where it silences scores, if it does."""
    weighted = [i for i, layer in enumerate(network) if isinstance(layer, Weighted)]
    output = max(weighted, default=len(network))
    for i, layer in enumerate(network):
        if i > output and isinstance(layer, Dropout) and layer.rate > 0:
            message = f"silences scores: it stands behind network[{output}], which gives them"
            hint = f"move it before network[{output}], or remove it"
            return ("network", i), message, hint
    return None


def _unfit_augmentation(augment: Sequence[Augmentation], shape: Shape) -> Iterator[Wrong]:
    try:
        refuse_unfit(augment, shape)
    except DataError as unfit:
        yield unfit.key or (), unfit.message, unfit.hint


def _small_batch(network: Sequence[Layer], shape: Shape, batch_size: int) -> Iterator[Wrong]:
    """Yield that a batch leaves a layer with batch statistics nothing to compute them from."""
    for needed, layer in _needed(network, shape, batch_size):
        message = f"must be at least {needed} for {layer}, got {batch_size}"
        yield ("training", "batch_size"), message, ALONE


def _small_split(network: Sequence[Layer], shape: Shape, examples: int) -> Iterator[Wrong]:
    """Yield that all training examples together leave it nothing to compute them from."""
    for needed, layer in _needed(network, shape, examples):
        message = f"must leave at least {needed} examples to train on for {layer}, got {examples}"
        yield ("data", "split"), message, ALONE


def _needed(network: Sequence[Layer], shape: Shape, count: int) -> Iterator[tuple[int, str]]:
    """Yield the first layer that needs more examples than `count`, and how many."""
    for i, needed in enumerate(smallest_batches(network, shape)):
        if count < needed:
            yield needed, f"{network[i].type}, network[{i}]"
            return
