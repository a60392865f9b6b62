"""Draws parts, networks and experiments: settings of every part from a few values worth trying."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from tests.parts import members_of
from trainer_cli.config.experiment import Experiment, Training
from trainer_cli.datasets import Data, Dataset, Examples
from trainer_cli.datasets.preprocess import fit
from trainer_cli.datasets.sources import Digits
from trainer_cli.nn import layers as nn
from trainer_cli.nn.layers.place import UnfitError
from trainer_cli.nn.losses import Loss, Softmax, SquaredSvm, Svm
from trainer_cli.nn.regularization import Regularization
from trainer_cli.optim import optimizers, schedules

PENALTIES = {"l1": (0.0, 1e-3), "l2": (0.0, 0.1), "max_norm": (None, 1.0)}
OWN_PENALTIES = {"l1": (None, 0.0, 1e-2), "l2": (None, 0.0, 0.3), "max_norm": (None, 0.0, 0.5)}
# A gradient that is 0 in mathematics, as of a bias below batch normalization, is 1e-16 by rounding.
# Adaptive rules divide it by no more than ε: with one of 1e-8, the bias moves by 1e-8 at random.
SMALL = (1e-4, 1e-2)
RESTRAINTS = {
    "learning_rate": (0.01, 0.03),
    "weight_decay": (0.0, 0.1, 0.5),
    "clip_norm": (None, 0.3, 3.0),
}
TIME = {"per": ("epoch", "step"), "warmup": (0.0, 0.5, 2.0)}

OPTIONS = {
    nn.AvgPool: {"size": (1, 2, 3), "stride": (None, 1, 2, 3)},
    nn.BatchNorm: {"momentum": (0.0, 0.5, 0.9), "epsilon": (1e-5, 1e-3, 0.1)},
    nn.Conv: {
        "filters": (1, 2, 5, 16, 18),
        "kernel": (1, 2, 3, 3, 3, 4, 5),
        "stride": (1, 1, 1, 2, 3),
        "padding": ("same", "valid", 0, 1, 2),
        **OWN_PENALTIES,
    },
    nn.Dense: {"units": (1, 4, 7), **OWN_PENALTIES},
    nn.Dropout: {"rate": (0.0, 0.2, 0.5), "style": ("inverted", "vanilla")},
    nn.Elu: {"alpha": (0.5, 1.0, 2.0)},
    nn.Flatten: {},
    nn.Gelu: {},
    nn.LeakyRelu: {"slope": (0.0, 0.01, 0.3)},
    nn.MaxPool: {"size": (1, 2, 3), "stride": (None, 1, 2, 3)},
    nn.Maxout: {"units": (2, 5), "pieces": (2, 3, 4), **OWN_PENALTIES},
    nn.Prelu: {"start": (0.25, -0.5)},
    nn.Relu: {},
    nn.Sigmoid: {},
    nn.Softplus: {},
    nn.Tanh: {},
    Softmax: {"label_smoothing": (0.0, 0.1, 0.5)},
    SquaredSvm: {"margin": (0.5, 1.0, 3.0)},
    Svm: {"margin": (0.5, 1.0, 3.0)},
    optimizers.Adagrad: {"epsilon": SMALL, **RESTRAINTS},
    optimizers.Adam: {"beta1": (0.0, 0.9), "beta2": (0.9, 0.999), "epsilon": SMALL, **RESTRAINTS},
    optimizers.Adamw: {"beta1": (0.0, 0.9), "beta2": (0.9, 0.999), "epsilon": SMALL, **RESTRAINTS},
    optimizers.Momentum: {"momentum": (0.0, 0.5, 0.9), **RESTRAINTS},
    optimizers.Nesterov: {"momentum": (0.0, 0.5, 0.9), **RESTRAINTS},
    optimizers.Rmsprop: {"decay": (0.5, 0.9, 0.99), "epsilon": SMALL, **RESTRAINTS},
    optimizers.Sgd: RESTRAINTS,
    schedules.Constant: {"warmup": TIME["warmup"]},
    schedules.Cosine: {
        "period": (None, 2.0, 3.0),
        "growth": (1.0, 2.0),
        "floor": (0.0, 0.1),
        **TIME,
    },
    schedules.Cyclic: {"low": (0.1, 0.25), "period": (2.0, 6.0), **TIME},
    schedules.Exponential: {"factor": (0.5, 0.97), "rate": (0.1, 0.5), **TIME},
    schedules.InverseTime: {"rate": (0.1, 2.0), **TIME},
    schedules.Linear: {"final": (0.0, 0.3), **TIME},
    schedules.Sqrt: TIME,
    schedules.Step: {"factor": (0.1, 0.5), "every": (1.0, 3.0), **TIME},
    Regularization: PENALTIES,
}
# Compared elsewhere (`initialize` is no business of PyTorch's) or drawn with the data.
NOT_DRAWN = {"type", "init", "bias_init", "class_weights"}
# What the members of a stack cannot differ in, as it changes shapes or what is computed.
SHAPES = {"units", "pieces", "filters", "kernel", "stride", "padding", "size"}


def pick(rng, options):
    return options[rng.integers(len(options))]


def draw(rng, part):
    """Return a part with settings drawn from its options."""
    names = {field.name for field in fields(part)}
    settings = {key: pick(rng, options) for key, options in OPTIONS[part].items() if key in names}
    if part is schedules.Exponential:  # exactly one of two
        settings[pick(rng, ("factor", "rate"))] = None
    return part(**settings)


def draw_loss(rng, part, classes):
    weights = tuple(rng.uniform(0.2, 3, classes).tolist())
    return replace(draw(rng, part), class_weights=pick(rng, (None, weights)))


def redrawn(rng, layer):
    """Return the layer with new settings where members may differ."""
    new = draw(rng, type(layer))
    free = OPTIONS[type(layer)].keys() & {f.name for f in fields(layer)} - SHAPES
    return replace(layer, **{key: getattr(new, key) for key in free})


def draw_layers(rng, shape, classes):
    """Return layers for examples of a shape: some for images if they are, then for vectors."""
    anywhere = [
        part
        for part in members_of(nn.Layer)
        if part not in (nn.AvgPool, nn.Conv, nn.Dense, nn.Flatten, nn.Maxout, nn.MaxPool)
    ]
    on_images = [*anywhere, nn.AvgPool, *3 * [nn.BatchNorm, nn.MaxPool], *6 * [nn.Conv]]
    parts = [pick(rng, on_images) for _ in range(rng.integers(2, 8))] if len(shape) == 3 else []
    for _ in range(rng.integers(4)):
        parts += [pick(rng, (nn.Dense, nn.Dense, nn.Flatten, nn.Maxout)), pick(rng, anywhere)]
    layers = []
    for part in parts:
        layer = draw(rng, part)
        if takes(layer, shape):
            layers.append(layer)
            shape = layer.output_shape(shape)
    return (*layers, nn.Dense(units=classes))


def takes(layer, shape):
    """Return whether a layer can stand where examples have this shape."""
    try:
        layer.output_shape(shape)
    except UnfitError:
        return False
    return True


def draw_experiments(rng, layers, classes, members, precision):
    """Return experiments with these layers that differ in all that members may differ in."""
    loss, optimizer = (pick(rng, members_of(union)) for union in (Loss, optimizers.Optimizer))
    return [
        Experiment(
            seed=int(rng.integers(1000)),
            data=Data(source=Digits()),  # not read
            network=tuple(redrawn(rng, layer) for layer in layers),
            loss=draw_loss(rng, loss, classes),
            regularization=draw(rng, Regularization),
            optimizer=draw(rng, optimizer),
            training=Training(precision=precision),
        )
        for _ in range(members)
    ]


def draw_dataset(rng, shape, classes, examples=40):
    """Return normal noise with labels by chance."""
    stored, every = rng.standard_normal((examples, int(np.prod(shape)))), np.arange(examples)
    part = Examples(
        stored, every, rng.integers(classes, size=examples), fit((), stored, every, shape)
    )
    return Dataset(
        name="noise",
        train=part,
        validation=part,
        test=None,
        shape=shape,
        classes=classes,
        class_names=None,
    )
