"""The rules between the data and the rest: what their shape and their classes ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainer_cli.config.problems import Key, Problem
from trainer_cli.nn.layers import BatchNorm, Layer
from trainer_cli.nn.layers.place import Shape, UnfitError
from trainer_cli.nn.losses.class_weights import wrong_class_weights

if TYPE_CHECKING:
    from trainer_cli.config.load import Loaded

Wrong = tuple[Key, str, str]  # key, message and hint of a problem
# The settings that say how many features a layer gives.
WIDTHS = ("units", "filters")


def data_problems(loaded: "Loaded", shape: Shape, classes: int) -> list[Problem]:
    """Return what is wrong with an experiment for examples of this shape and so many classes.

    `load` applies the rules where the settings alone tell shape and classes; call it again once
    the data are read.
    """
    sections = {name: getattr(loaded.experiment, name) for name in ("network", "loss", "training")}
    return [loaded.problem(*wrong) for wrong in broken_rules(sections, shape, classes)]


def broken_rules(sections: Mapping[str, Any], shape: Shape | None, classes: int) -> Iterator[Wrong]:
    """Yield what is wrong with those of network, loss and training that are given.

    Without a shape, what can be told without.
    """
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
        return _wrong_width(network, classes)
    for i, layer in enumerate(network):
        try:
            shape = layer.output_shape(shape)
        except UnfitError as unfit:
            below = () if unfit.setting is None else (unfit.setting,)
            return ("network", i, *below), unfit.message, unfit.hint
    if shape == (classes,):
        return None
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


def _small_batch(network: Sequence[Layer], shape: Shape, batch_size: int) -> Iterator[Wrong]:
    """Yield that a batch leaves a layer with batch statistics nothing to compute them from."""
    for i, layer in enumerate(network):
        if isinstance(layer, BatchNorm) and batch_size < layer.smallest_batch(shape):
            message = (
                f"must be at least {layer.smallest_batch(shape)} for batch_norm, network[{i}], "
                f"got {batch_size}"
            )
            hint = "the mean of a single example is the example itself, and nothing of it is left"
            yield ("training", "batch_size"), message, hint
            return
        shape = layer.output_shape(shape)
